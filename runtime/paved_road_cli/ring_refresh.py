"""`paved-road ring check` and `ring refresh`: before and while nodes are taken down on purpose."""

from typing import Annotated

import typer

from paved_road_cli.live import live_ring
from paved_road_cli.output import Json, emit, stdout
from paved_road_cli.ring import EstateName, Name, RegionName


def check(name: Name, estate: EstateName, region: RegionName, as_json: Json = False) -> None:
    """Say what stands in the way of growing a ring or of taking one of its racks down.

    A slot without a living member, a view that disagrees, an alarm that is on. Exit code 1 if
    there is anything.
    """
    from paved_road_ring.refresh import Refresh

    ring = live_ring(name, estate, region)
    found = Refresh(ring).obstacles()
    told = found or (f"Nothing stands in the way: {name} is whole, and no alarm is on.",)
    emit(
        {"ready": not found, "obstacles": found},
        as_json,
        lambda: stdout.print("\n".join(told), highlight=False, soft_wrap=True),
    )
    if found:
        raise typer.Exit(1)


def refresh(
    name: Name,
    estate: EstateName,
    region: RegionName,
    rack: Annotated[str, typer.Option("--rack", help="The rack, which is a zone: us-east-1a.")],
    at_once: Annotated[int, typer.Option("--at-once", help="Nodes down at the same time.")] = 1,
    start: Annotated[bool, typer.Option("--start", help="Do it; else only say it.")] = False,
    as_json: Json = False,
) -> None:
    """Give a rack's nodes the image and bundle that were deployed, by new root volumes.

    Their data stays.

    Says what would happen and what stands in the way; --start does it. Exit code 2 if anything
    does, and nothing is done then.
    """
    from paved_road_ring.refresh import NotReadyError, Refresh

    ring = live_ring(name, estate, region)
    upkeep = Refresh(ring)
    plan = upkeep.plan(rack, at_once)
    if plan.faults:
        raise NotReadyError(f"rack {rack} is left alone: {'; '.join(plan.faults)}")
    id = upkeep.start(plan) if start else ""
    count = len(plan.instances)
    told = (
        f"refresh {id} of {count} nodes of {rack} has begun: `paved-road ring status` follows it"
        if start
        else f"would give {count} nodes of {rack} image {plan.image} and bundle {plan.bundle}, "
        f"{at_once} at a time ({', '.join(plan.instances)}); {len(plan.behind)} of them run "
        "another bundle now; --start does it"
    )
    emit(
        {"plan": plan, "refresh": id},
        as_json,
        lambda: stdout.print(told, highlight=False, soft_wrap=True),
    )
