"""An estate in the lab, by its synthesized assembly: releases, proof and coverage."""

from pathlib import Path

from paved_road_contract.assembly import stacks
from paved_road_contract.stacks import Kind
from paved_road_contract.tags import COMPONENT, ESTATE
from paved_road_delivery.cloud import Say
from paved_road_delivery.decide import Action
from paved_road_delivery.release import Release
from paved_road_delivery.service import LiveService
from paved_road_estate.close import close_default_groups
from paved_road_lab.cloud import LabCloud
from paved_road_lab.coverage import Coverage, coverage
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


def deploy_releases(lab: Lab, assembly: Path, say: Say) -> list[str]:
    """Deploy every release of the assembly, oldest first; returns the stacks that it created."""
    cloud = LabCloud(lab)
    created: list[str] = []
    estate = estate_name(assembly)
    for stack in sorted(stacks(assembly), key=lambda stack: stack.name):
        if stack.tags[COMPONENT] != Kind.RELEASE:
            continue
        name = stack.name.split(f"{stack.region}-{Kind.RELEASE}-", 1)[1]
        service, _, number = name.rpartition("-v")
        live = LiveService(cloud, estate, stack.region, service)
        outcome = Release.find(live, int(number), assembly).deploy(say)
        if outcome.action is Action.CREATE:
            created.append(stack.name)
    return created


def prove_estate(lab: Lab, assembly: Path) -> list[Claim]:
    """All claims about what the assembly says should stand."""
    return prove(stacks(assembly), LabCloud(lab).client)


def cover_estate(lab: Lab, assembly: Path) -> tuple[list[Coverage], dict[str, int]]:
    """Coverage by type, and updates that the emulator took without effect."""
    echo = verify(lab)
    covered = coverage(stacks(assembly), echo["modelled"], echo["living"])
    return covered, echo["updates_not_applied"]
