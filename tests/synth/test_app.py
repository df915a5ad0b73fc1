"""The estates of app.py, whole: pure, the same every time, each stack on its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from aws_cdk import App
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from app import build
from paved_road.guard.contracts import REGION_NAME
from paved_road.guard.examine import examine
from paved_road.guard.finding import Subject
from paved_road.guard.ledger import compare, ledger
from paved_road.service import Container
from paved_road_contract.assembly import Stack, stacks
from paved_road_estate.readme import drawn
from paved_road_estate.readme import replace as replace_parts
from stacks.services import NOT_PUBLISHED, SERVICES, Offer
from stacks.shapes import SHAPES, Shape
from tests.templates import only_adds

ROOT = Path(__file__).parents[2]
LEDGERS = ROOT / "tests" / "ledger"

pytestmark = pytest.mark.slow


def templates(
    folder: Path, shape: Shape, services: Mapping[str, Offer] = SERVICES
) -> dict[str, bytes]:
    """Template bytes by stack. Without the guard, whose rules other tests are about."""
    app = App(outdir=str(folder))
    build(app, shape, services)
    app.synth()
    return {stack.name: stack.template_file.read_bytes() for stack in stacks(folder)}


@pytest.fixture(scope="module", params=sorted(SHAPES))
def synthesized(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An estate synthesized as the CDK CLI does it, guard and all."""
    folder: Path = tmp_path_factory.mktemp("out") / request.param
    done = synth(folder, shape=request.param)
    assert done.returncode == 0, done.stderr
    return folder


def synth(folder: Path, *, shape: str, cut: bool = False) -> subprocess.CompletedProcess[str]:
    """Run app.py with nothing but PATH; with the network cut, in a namespace without any."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"] | {"shape": shape}
    return subprocess.run(
        [*(NO_NETWORK if cut else ()), sys.executable, "app.py"],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "CDK_OUTDIR": str(folder),
            "CDK_CONTEXT_JSON": json.dumps(context),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(folder.parent / "jsii"),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def _network_can_be_cut() -> bool:
    unshare = shutil.which("unshare")
    probe = [str(unshare), "--map-root-user", "--net", "true"]
    return unshare is not None and subprocess.run(probe, check=False).returncode == 0


NO_NETWORK = ("unshare", "--map-root-user", "--net") if _network_can_be_cut() else ()
"""Where the system forbids namespaces, the second synth proves the same bytes with the network."""


def files(folder: Path) -> dict[str, bytes]:
    """What reviewers read and the CLI deploys. The tree and the reports hold no templates."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for pattern in ("*.template.json", "*.assets.json", "*.csv", "quotas.json", "manifest.json")
        for file in sorted(folder.rglob(pattern))
    }


def test_synth_needs_no_network_and_no_credentials_and_is_the_same_twice(
    synthesized: Path, tmp_path: Path
) -> None:
    again = tmp_path / synthesized.name
    done = synth(again, shape=synthesized.name, cut=True)
    assert done.returncode == 0, done.stderr
    assert files(again) == files(synthesized)


def test_the_guard_finds_nothing(synthesized: Path) -> None:
    assert examine(synthesized) == []
    listed = (synthesized / "acknowledgments.csv").read_text().splitlines()
    assert len(listed) > 1


@pytest.mark.parametrize("synthesized", ["production"], indirect=True)
def test_the_readme_shows_what_the_templates_say(synthesized: Path) -> None:
    readme = (ROOT / "README.md").read_text()
    assert replace_parts(readme, drawn(synthesized)) == readme


def test_a_region_stands_alone(synthesized: Path) -> None:
    for stack in stacks(synthesized):
        named = set(REGION_NAME.findall(stack.template_file.read_text())) - {stack.region}
        admitted = set(stack.template.get("Metadata", {}).get("ForeignRegions", ()))
        assert named <= admitted
        assert not admitted or stack.name.endswith(("-backup", "-vault"))


def test_stateful_resources_and_published_values_are_as_recorded(synthesized: Path) -> None:
    recorded = json.loads((LEDGERS / f"{synthesized.name}.json").read_text())
    observed = ledger(Subject(stack) for stack in stacks(synthesized))
    assert [str(finding) for finding in compare(recorded, observed)] == []


def test_the_ledger_knows_every_property_that_replaces_what_it_records(synthesized: Path) -> None:
    """By CloudFormation's own schema, of the properties that these templates set."""
    for stack in stacks(synthesized):
        for name, entry in ledger([Subject(stack)]).get(stack.name, {}).get("stateful", {}).items():
            schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(
                stack.region, entry["Resource"]
            ).schema
            given = stack.template["Resources"][name].get("Properties", {})
            replacing = {
                path.split("/")[2] for path in schema.get("createOnlyProperties", ())
            } & given.keys()
            assert replacing <= entry.keys(), f"{stack.name} {name}"


def test_stacks_depend_only_on_their_own_region_but_for_vaults(synthesized: Path) -> None:
    found: dict[str, Stack] = {stack.name: stack for stack in stacks(synthesized)}
    for stack in found.values():
        foreign = [d for d in stack.dependencies if found[d].region != stack.region]
        assert all("-vault" in name for name in foreign)
        copied = stack.name.endswith("-backup") and synthesized.name == "production"
        assert len(foreign) == (1 if copied else 0)


def test_what_an_unknown_shape_is_answered_with(tmp_path: Path) -> None:
    done = synth(tmp_path / "out", shape="enormous")
    assert done.returncode == 1
    assert "shape must be one of production, development, got 'enormous'" in done.stderr
    assert "Traceback" not in done.stderr


TWO_ZONES = """
import dataclasses, runpy
import stacks.shapes
development = stacks.shapes.SHAPES["development"]
stacks.shapes.SHAPES["development"] = dataclasses.replace(development, zones={"us-east-1": "ab"})
runpy.run_path("app.py", run_name="__main__")
"""


def test_props_that_break_a_rule_are_told_without_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWO_ZONES],
        cwd=ROOT,
        env={
            **os.environ,
            "CDK_OUTDIR": str(tmp_path / "out"),
            "CDK_CONTEXT_JSON": json.dumps({"shape": "development"}),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 1
    assert "zones must name at least 3 zones" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return templates(tmp_path_factory.mktemp("before"), SHAPES["production"])


def unchanged(before: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Stacks that stand in both are the same, byte by byte."""
    assert {name: before[name] for name in before.keys() & after.keys()} == {
        name: after[name] for name in before.keys() & after.keys()
    }


def test_removing_a_service_changes_no_other_stack(
    before: dict[str, bytes], tmp_path: Path
) -> None:
    kept = {name: offer for name, offer in SERVICES.items() if name != "get-order"}
    after = templates(tmp_path, SHAPES["production"], kept)
    unchanged(before, after)
    gone = {name.split("us-east-1-")[-1] for name in before.keys() - after.keys()}
    assert {"service-get-order", "routing-get-order", "release-get-order-v001"} <= gone


def test_adding_a_release_changes_no_other_stack(before: dict[str, bytes], tmp_path: Path) -> None:
    image = Container.by_digest("place-order", NOT_PUBLISHED)
    more = {
        name: replace(offer, releases={**offer.releases, 2: image})
        for name, offer in SERVICES.items()
    }
    after = templates(tmp_path, SHAPES["production"], more)
    unchanged(before, after)
    assert {name.split("release-")[-1] for name in after.keys() - before.keys()} == {
        "get-order-v002",
        "orders-data-v002",
        "place-order-v002",
    }


def test_adding_a_region_changes_nothing_that_stands(
    before: dict[str, bytes], tmp_path: Path
) -> None:
    production = SHAPES["production"]
    wider = replace(production, zones={"eu-west-1": "abc", **production.zones})
    after = templates(tmp_path, wider)
    unchanged(before, after)
    assert all("eu-west-1" in name for name in after.keys() - before.keys())


def test_adding_a_zone_only_adds_to_network_and_services_and_changes_nothing_else(
    before: dict[str, bytes], tmp_path: Path
) -> None:
    production = SHAPES["production"]
    wider = replace(production, zones={**production.zones, "us-east-1": "abcd"})
    after = templates(tmp_path, wider)
    assert after.keys() == before.keys()
    for name in before:
        was, now = (json.loads(one[name]) for one in (before, after))
        # A list may grow anywhere but in what is published, where consumers hold the whole value.
        assert was.get("Outputs", {}).items() <= now.get("Outputs", {}).items()
        assert only_adds(was, now), name
    changed = {name for name in before if before[name] != after[name]}
    of_services = {f"acme-us-east-1-service-{name}" for name in SERVICES}
    assert changed == {"acme-us-east-1-network", *of_services}
