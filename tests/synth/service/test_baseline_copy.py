"""What a baseline is created from: the release's own template, names apart."""

import json
from typing import Any

import pytest
from aws_cdk import App

from paved_road.service import Fargate, War
from paved_road_delivery.baseline import copied, renamed
from paved_road_delivery.contract import ReleaseOutput, baseline_name
from tests.synth.service.services import release, template_of
from tests.templates import Template

OLD = "place-order-v001"
MADE = baseline_name(OLD)
NAMES = {"estate": "acme", "region": "us-east-1", "of": OLD, "name": MADE}
KEY = f"services/place-order/{OLD}.war"
PROPS: dict[str, dict[str, Any]] = {
    "container": {"rings": ("orders",), "calls": ("orders-data",), "settings": {"FLAGS": "a b"}},
    "war": {"artifact": War.by_digest(KEY, 64 * "0")},
    "fargate": {"fargate": Fargate()},
}


@pytest.fixture(params=PROPS)
def standing(request: pytest.FixtureRequest) -> Template:
    return template_of(release(App(), **PROPS[request.param]))


def test_it_names_itself_wherever_the_original_does_and_is_the_same_otherwise(
    standing: Template,
) -> None:
    made = copied(standing, **NAMES)
    before, after = (json.dumps({**one, "Parameters": {}}) for one in (standing, made))
    assert after.replace(MADE, OLD) == before
    assert after.replace(MADE, "").replace(KEY, "").count(OLD) == 0
    assert after.count(KEY) == before.count(KEY)
    assert made["Outputs"][ReleaseOutput.RELEASE]["Value"] == MADE


def test_its_machine_image_is_the_one_that_the_original_resolved() -> None:
    standing = template_of(release(App()))
    assert standing["Parameters"]["Image"]["Type"].startswith("AWS::SSM::Parameter::Value<")
    assert copied(standing, **NAMES)["Parameters"]["Image"] == {"Type": "AWS::EC2::Image::Id"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (OLD, MADE),
        (f"RELEASE={OLD}\nX=1", f"RELEASE={MADE}\nX=1"),
        (f'tag="{OLD}/$(hostname)"', f'tag="{MADE}/$(hostname)"'),
        (f"acme-us-east-1-release-{OLD}-OnCpu", f"acme-us-east-1-release-{MADE}-OnCpu"),
        (f"acme-{OLD}", f"acme-{MADE}"),
        *((one, one) for one in (f"/{OLD}@sha256:0", f"{OLD}.war", f"big-{OLD}", f"{OLD}0", KEY)),
    ],
)
def test_names_are_whole_ones_and_no_parts_of_paths(before: str, after: str) -> None:
    assert renamed(before, **NAMES) == after
    assert renamed([{"a": before}, 1], **NAMES) == [{"a": after}, 1]
