"""An estate in the lab, by its synthesized assembly: releases, proof and coverage."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from paved_road_bundle.bundle import Bundle
from paved_road_bundle.estate import publish_pinned
from paved_road_bundle.publish import Published
from paved_road_contract.assembly import Stack, stacks
from paved_road_contract.stacks import Kind
from paved_road_contract.tags import COMPONENT, ESTATE, SERVICE
from paved_road_delivery.cloud import Say
from paved_road_delivery.decide import Action
from paved_road_delivery.release import Release
from paved_road_delivery.service import LiveService
from paved_road_estate.close import close_default_groups
from paved_road_lab.cloud import LabCloud
from paved_road_lab.coverage import Coverage, coverage
from paved_road_lab.deploy import Deployment, deploy
from paved_road_lab.proof import Claim, prove
from paved_road_lab.safety import verify
from paved_road_lab.state import Lab, LabError


def regions(assembly: Path) -> list[str]:
    """Where the assembly's stacks stand."""
    return sorted({stack.region for stack in stacks(assembly)})


def estate_name(assembly: Path) -> str:
    """The estate that the assembly's stacks belong to; `LabError` unless it is exactly one."""
    names = {stack.tags.get(ESTATE, "") for stack in stacks(assembly)}
    if len(names) != 1:
        raise LabError(f"{assembly} holds stacks of {len(names)} estates: {', '.join(names)}")
    return names.pop()


def close(lab: Lab, assembly: Path) -> None:
    """Empty the default security groups of the assembly's networks."""
    with_network = [s.region for s in stacks(assembly) if s.tags[COMPONENT] == Kind.NETWORK]
    close_default_groups(LabCloud(lab), estate_name(assembly), with_network)


def deploy_estate(
    lab: Lab, assembly: Path, say: Say, *, build: Callable[[], Bundle]
) -> tuple[Deployment, list[Published]]:
    """Deploy all that lives long: artifact buckets first, what rings start from, then the rest.

    `build` makes the bundle if a bucket lacks it.
    """
    artifacts = [s.name for s in stacks(assembly) if s.tags[COMPONENT] == Kind.ARTIFACTS]
    changed: set[str] = set()
    if artifacts:
        changed.update(deploy(lab, assembly, say, artifacts).changed)
    published = publish_bundle(lab, assembly, build=build)
    for one in published:
        say(f"{'published' if one.uploaded else 'stands already:'} s3://{one.bucket}/{one.key}")
    rest = deploy(lab, assembly, say)
    changed.update(rest.changed)
    unchanged = tuple(name for name in rest.unchanged if name not in changed)
    return Deployment(tuple(sorted(changed)), unchanged, rest.seconds), published


def publish_bundle(lab: Lab, assembly: Path, *, build: Callable[[], Bundle]) -> list[Published]:
    """Put what the assembly's rings pin into the lab's artifact buckets, which stand already."""
    return publish_pinned(assembly, LabCloud(lab).client, build)


def deploy_releases(lab: Lab, assembly: Path, say: Say) -> list[str]:
    """Deploy every release of the assembly: those that others call first, then the oldest.

    Returns the stacks that it created.
    """
    cloud = LabCloud(lab)
    created: list[str] = []
    estate = estate_name(assembly)
    standing = stacks(assembly)
    # A service's stack stands after those of the services that it calls.
    order = [one.tags[SERVICE] for one in standing if one.tags[COMPONENT] == Kind.SERVICE]
    releases = [one for one in standing if one.tags[COMPONENT] == Kind.RELEASE]
    for stack in sorted(releases, key=lambda one: (order.index(one.tags[SERVICE]), one.name)):
        service, _, number = _release(stack).rpartition("-v")
        live = LiveService(cloud, estate, stack.region, service)
        outcome = Release.find(live, int(number), assembly).deploy(say)
        if outcome.action is Action.CREATE:
            created.append(stack.name)
    return created


def releases_of(assembly: Path, region: str, service: str) -> list[str]:
    """Releases of a service that the assembly holds for a region."""
    return [
        _release(one)
        for one in stacks(assembly)
        if (one.tags[COMPONENT], one.region) == (Kind.RELEASE, region)
        and one.tags[SERVICE] == service
    ]


def _release(stack: Stack) -> str:
    return stack.name.split(f"{stack.region}-{Kind.RELEASE}-", 1)[1]


def prove_estate(lab: Lab, assembly: Path, say: Say = lambda _: None) -> list[Claim]:
    """All claims about what the assembly says should stand; `say` gets each as it is looked at."""
    return prove(stacks(assembly), LabCloud(lab).client, say)


def cover_estate(lab: Lab, assembly: Path) -> tuple[list[Coverage], dict[str, int]]:
    """Coverage by type, and updates that the emulator took without effect."""
    echo = verify(lab)
    covered = coverage(stacks(assembly), echo["modelled"], echo["living"], echo["forwarding"])
    return covered, echo["updates_not_applied"]


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What processes beside the emulator do not do, by name and count, and what they do otherwise.

    `minute_seconds` is how long a minute of load balancers' alarms lasts.
    """

    not_forwarded: Mapping[str, int]
    alarms_not_evaluated: Mapping[str, int]
    rules_not_delivered: Mapping[str, int]
    minute_seconds: int


def beside(lab: Lab) -> Beside:
    """Of what forwards, and of what looks at alarms."""
    echo = verify(lab)
    return Beside(
        not_forwarded=echo["not_forwarded"],
        alarms_not_evaluated=echo["not_evaluated"],
        rules_not_delivered=echo["not_delivered"],
        minute_seconds=echo["minute_seconds"],
    )
