"""`paved-road release budget`: how long an alarm-driven rollback takes, from the templates."""

from pathlib import Path
from typing import Annotated

import typer

from paved_road_cli.output import Json, emit, stdout, table
from paved_road_cli.release import CDK_OUT, EstateName, Service

Region = Annotated[str, typer.Option("--region", help="The region.")]


def budget(
    service: Service,
    number: Annotated[int, typer.Argument(help="The release's number.")],
    estate: EstateName,
    region: Region,
    assembly: Annotated[Path, typer.Option("--app", help="A synthesized app.")] = CDK_OUT,
    as_json: Json = False,
) -> None:
    """Add up the seconds from a release turning bad to its last bad answer, alarm by alarm.

    Read from the templates of the release and its service; needs no account. What AWS does not
    state is assumed, and called so.
    """
    from paved_road_contract.stacks import Kind, release_name, stack_name
    from paved_road_delivery.assemblies import held
    from paved_road_delivery.budget import budget as compute

    name = release_name(service, number)
    release = held(assembly, stack_name(estate, region, Kind.RELEASE, name))
    front = held(assembly, stack_name(estate, region, Kind.SERVICE, service))
    found = compute(release.template, front.template)

    def show() -> None:
        table(
            f"Until an alarm changes, {name} in {region}",
            ["alarm", "part", "least s", "most s", "what"],
            [
                (one.alarm, part.name, part.least, part.most, part.why)
                for one in found.detections
                for part in one.parts
            ],
        )
        table(
            "Until the last bad answer",
            ["part", "least s", "most s", "what"],
            [(part.name, part.least, part.most, part.why) for part in found.action],
        )
        table(
            "Together",
            ["alarm", "least s", "most s"],
            [(one.alarm, found.least(one), found.most(one)) for one in found.detections],
        )
        stdout.print(
            f"{found.floor}.\nA connection that stays open is routed anew with each request; if "
            f"a node should not, the load balancer closes it after {found.straggler_seconds} s.",
            highlight=False,
            soft_wrap=True,
        )

    sums = {one.alarm: [found.least(one), found.most(one)] for one in found.detections}
    emit({"budget": found, "seconds": sums, "floor": found.floor}, as_json, show)
