"""From nothing to a proved estate: what `make demo` runs."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from paved_road_cli.bundle import CACHE, build_bundle
from paved_road_cli.demo_hosts import start_hosts, start_members
from paved_road_cli.demo_release import SERVICE, DemoRelease
from paved_road_cli.demo_restore import Restored, destroy_and_restore
from paved_road_cli.demo_ring import RING, SCHEMA, DemoRing, RingStory
from paved_road_cli.demo_rungs import ReleaseStory
from paved_road_cli.demo_shown import show_release
from paved_road_cli.output import Phases, say, stdout, table
from paved_road_cli.report import show_claims, show_coverage_sums
from paved_road_contract.assembly import stacks
from paved_road_contract.tags import COMPONENT
from paved_road_lab.coverage import Coverage
from paved_road_lab.deploy import Deployment, bootstrap, synthesize
from paved_road_lab.estate import (
    close,
    cover_estate,
    deploy_estate,
    deploy_releases,
    estate_name,
    prove_estate,
    regions,
    releases_of,
)
from paved_road_lab.lifecycle import up
from paved_road_lab.proof import Claim
from paved_road_lab.state import Lab


@dataclass(frozen=True)
class Demo:
    """Everything that the demo found out."""

    estate: str
    endpoint: str
    account: str
    stacks: dict[str, dict[str, int]]
    deployment: Deployment
    releases: list[str]
    claims: list[Claim]
    coverage: list[Coverage]
    ring: RingStory | None
    restored: Restored | None
    release: ReleaseStory | None
    seconds: dict[str, float]

    @property
    def proved(self) -> bool:
        """Whether every claim holds, the ring kept its rows, and only a bad release was bad."""
        return (
            all(claim.holds for claim in self.claims)
            and (self.ring is None or self.ring.holds)
            and (self.restored is None or self.restored.missing == 0)
            and (self.release is None or self.release.holds)
        )


def run_demo(
    app_folder: Path,
    lab_folder: Path,
    *,
    port: int,
    shape: str,
    bundles: Path = CACHE,
    ring: bool = True,
    kill: bool | None = None,
    destroy: bool | None = None,
    release: bool | None = None,
) -> Demo:
    """Do it all; what stands already and is the same is left alone.

    `ring`: whether the first region's ring comes alive. `kill`: whether one of its nodes is lost
    and healed; `destroy`: whether all of them are lost and the ring restored from its backup;
    `release`: whether a good and a bad release are promoted under traffic. All three by default on
    the first run only. Without the ring orders are kept in memory.
    """
    phases = Phases()
    assembly = app_folder / "cdk.out"
    with phases.phase("starting the lab"):
        lab = up(lab_folder, port=port, say=say)
    with phases.phase("synthesizing the estate, under the guard"):
        synthesize(lab, app_folder, assembly, [f"shape={shape}"])
    home, story, restored, walked = regions(assembly)[0], None, None, None
    if ring:
        start_hosts(lab, home)
    with phases.phase("deploying networks, rings, backups, services and routing"):
        bootstrap(lab, regions(assembly), say)
        deployment, _ = deploy_estate(lab, assembly, say, build=lambda: build_bundle(bundles))
        close(lab, assembly)
    with phases.phase("releasing"):
        releases = deploy_releases(lab, assembly, say)
    if ring:
        living = DemoRing(lab=lab, estate=estate_name(assembly), region=home)
        with phases.phase(f"forming the ring in {home}"):
            formed = living.form()
        with phases.phase("writing, reading, losing a node and healing"):
            story = living.tell(formed, app_folder / SCHEMA, kill=kill)
        if destroy or (destroy is None and story.healing):
            with phases.phase("backing up, losing every node and restoring"):
                restored = destroy_and_restore(living, living.live.survey())
    elif release is not False:
        start_members(lab, home)
    if release is not False:
        with phases.phase("promoting a good release and a bad one, under traffic"):
            walked = _releases(lab, app_folder, shape, home).tell(again=bool(release))
    with phases.phase("proving"):
        claims = prove_estate(lab, assembly, say)
        covered, _ = cover_estate(lab, assembly)
    counts: dict[str, dict[str, int]] = {}
    for stack in stacks(assembly):
        by_kind = counts.setdefault(stack.tags[COMPONENT], {})
        by_kind[stack.region] = by_kind.get(stack.region, 0) + 1
    return Demo(
        estate=estate_name(assembly),
        endpoint=lab.endpoint,
        account=lab.account,
        stacks=counts,
        deployment=deployment,
        releases=releases,
        claims=claims,
        coverage=covered,
        ring=story,
        restored=restored,
        release=walked,
        seconds=phases.seconds,
    )


def _releases(lab: Lab, app_folder: Path, shape: str, region: str) -> DemoRelease:
    app, out = app_folder / "cdk.out", lab.folder / "demo.out"

    def assembly(digests: Mapping[int, str]) -> Path:
        context = [
            f"shape={shape}",
            f"service={SERVICE}",
            f"region={region}",
            f"releases={json.dumps(dict(digests))}",
        ]
        synthesize(lab, app_folder, out, context, app="python -m stacks.demo")
        return out

    return DemoRelease(
        lab=lab,
        estate=estate_name(app),
        region=region,
        declared=frozenset(releases_of(app, region, SERVICE)),
        assembly=assembly,
    )


def show_demo(demo: Demo) -> None:
    """The report."""
    where = sorted({region for by_region in demo.stacks.values() for region in by_region})
    stdout.print()
    table(
        f"Estate {demo.estate}: stacks by kind",
        ["kind", *where],
        [
            (kind, *(by_region.get(region, 0) for region in where))
            for kind, by_region in sorted(demo.stacks.items())
        ],
    )
    show_claims(demo.claims)
    show_coverage_sums(demo.coverage)
    if demo.ring:
        show_ring(demo.ring, demo.restored)
    if demo.release:
        show_release(demo.release)
    table("Seconds", ["phase", "s"], [(name, f"{s:.1f}") for name, s in demo.seconds.items()])
    changed, unchanged = len(demo.deployment.changed), len(demo.deployment.unchanged)
    stdout.print(f"{changed} stacks changed, {unchanged} were as they should be.", highlight=False)
    stdout.print(
        "Nothing of this ran on AWS. What the lab does not emulate: paved-road lab report\n"
        f"{_look_at_ring(demo)}"
        "Look around: paved-road lab exec -- cdk list      End it: make down",
        highlight=False,
    )


def show_ring(story: RingStory, restored: Restored | None) -> None:
    """What the viewer saw, in numbers."""
    told = [
        f"Ring {RING} in {story.region}: {story.nodes} Cassandra nodes. {story.rows} rows were "
        f"read back at LOCAL_QUORUM, {story.missing} were missing."
    ]
    if story.healing:
        one = story.healing
        told.append(
            f"{one.instance} was lost; {one.successor} had its slot after {one.seconds:.0f} s. "
            f"Of {one.acknowledged} writes acknowledged meanwhile {one.missing} are missing at "
            f"ALL; {one.failed} were not acknowledged."
        )
    else:
        told.append(
            "No node was lost this time: `paved-road lab demo --kill --destroy` does it again."
        )
    if restored:
        told.append(
            f"Then all {story.nodes} were lost with their disks. After {restored.seconds:.0f} s "
            f"the ring was back from {restored.size / 1e6:.1f} MB of backup: of {restored.rows} "
            f"rows {restored.missing} are missing at ALL."
        )
    stdout.print("\n".join(told), highlight=False)
    stdout.print()


def _look_at_ring(demo: Demo) -> str:
    if demo.ring is None:
        return ""
    command = f"paved-road ring status {RING} --estate {demo.estate} --region {demo.ring.region}"
    return f"The other regions' rings are declared only. Look: paved-road lab exec -- {command}\n"
