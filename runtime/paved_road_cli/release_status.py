"""`paved-road release status` and `history`: who has the traffic, and who moved it."""

from typing import TYPE_CHECKING, Annotated

import typer

from paved_road_cli.output import Json, emit, stdout, table
from paved_road_cli.release import EstateName, Regions, Service
from paved_road_cli.release_cost import daily_cost

if TYPE_CHECKING:
    from paved_road_delivery.ladder import Seen
    from paved_road_delivery.service import LiveService

Region = Annotated[str, typer.Option("--region", help="The region; one at a time.")]


def status(service: Service, estate: EstateName, region: Regions, as_json: Json = False) -> None:
    """Show who has the traffic, what is on its way, who works on it and what is in alarm."""
    from paved_road_delivery.observe import observe

    there = [live(service, estate, one) for one in region]
    seen = [observe(one) for one in there]

    def show() -> None:
        for one, found in zip(there, seen, strict=True):
            _show(one, found)

    emit(seen if len(seen) > 1 else seen[0], as_json, show)


def _show(there: "LiveService", seen: "Seen") -> None:
    from paved_road_delivery.ladder.guard import leftover, too_small

    cohort = seen.live.cohort
    table(
        f"{seen.service} in {seen.region}",
        ["release", "traffic %", "healthy", "minimum", "cost", "held until", "alarms"],
        [
            (
                one.name,
                f"{seen.live.share(one.name)}{' and the cohort' if one.name == cohort else ''}",
                one.healthy,
                one.minimum,
                daily_cost(there, one),
                f"{one.held_until:%Y-%m-%d %H:%M}" if one.held_until else "",
                ", ".join(one.alarms),
            )
            for one in seen.releases
        ],
    )
    walk, holder = seen.walk, seen.holder
    lines = [
        f"last walk: {walk.candidate} after {walk.previous}, {walk.reached}%, "
        f"{walk.ended or 'under way'} (by {walk.by}: {walk.why})"
        if walk
        else "nothing was promoted yet",
        f"{holder.who} holds it since {holder.since:%H:%M} UTC: {holder.doing}"
        if holder and holder.until > seen.now
        else "nobody holds it",
    ]
    if seen.live != seen.recorded or not seen.settled:
        lines.append(f"a move is not finished: rule {seen.live}, parameters {seen.recorded}")
    lines += too_small(seen)
    if left := leftover(seen):
        lines.append(f"{left} is left of a walk: the next promote, rollback or retire ends it")
    if seen.alarms:
        lines.append(f"in alarm: {', '.join(seen.alarms)}")
    stdout.print("\n".join(lines), highlight=False, soft_wrap=True)


def history(service: Service, estate: EstateName, region: Region, as_json: Json = False) -> None:
    """Show who moved what when and why, newest last: the last hundred notes, as AWS keeps them."""
    from paved_road_delivery.observe import notes

    found = notes(live(service, estate, region))
    emit(
        found,
        as_json,
        lambda: table(
            f"Traffic of {service} in {region}",
            ["when (UTC)", "principal", "by", "release", "%", "state", "why"],
            [
                (
                    f"{one.when:%Y-%m-%d %H:%M:%S}",
                    one.principal,
                    one.walk.by,
                    one.walk.candidate,
                    one.walk.reached,
                    one.walk.ended or "under way",
                    one.walk.told or one.walk.why,
                )
                for one in found
            ],
        ),
    )


COMMANDS = (status, history)


def live(service: str, estate: str, region: str) -> "LiveService":
    """The service where it stands, with the credentials of this process."""
    from paved_road_delivery.cloud import Account
    from paved_road_delivery.service import LiveService

    return LiveService(Account(), estate, region, service)
