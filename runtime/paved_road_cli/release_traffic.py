"""`paved-road release shift`, `rollback`, `hold` and `retire`: what moves traffic by hand."""

import getpass
import platform
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from paved_road_cli.output import DryRun, Json, emit, say, stdout
from paved_road_cli.release import EstateName, Service
from paved_road_cli.release_cost import cost_now
from paved_road_cli.release_status import Region, live

if TYPE_CHECKING:
    from collections.abc import Callable

    from paved_road_delivery.drive import Driver
    from paved_road_delivery.ladder import Ask, Seen, Verdict
    from paved_road_delivery.service import LiveService

    Judge = Callable[[Seen], Verdict | None]

Number = Annotated[int, typer.Argument(help="The release's number.")]
Why = Annotated[str, typer.Option("--why", help="For the audit trail.")]
By = Annotated[
    str,
    typer.Option("--by", help="Who works on it; if empty you, on this machine."),
]


def shift(
    service: Service,
    number: Number,
    percent: Annotated[int, typer.Argument(help="Its share; the other release has the rest.")],
    estate: EstateName,
    region: Region,
    why: Why,
    by: By = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Give a release a share by hand: no judge, but health, capacity and alarms as ever."""
    from paved_road_contract.stacks import release_name
    from paved_road_delivery.ladder import Shift

    ask = Shift(by=who(by), why=why, release=release_name(service, number), percent=percent)
    drive(live(service, estate, region), ask, dry_run=dry_run, as_json=as_json)


def rollback(
    service: Service,
    estate: EstateName,
    region: Region,
    why: Why,
    to: Annotated[int | None, typer.Option("--to", help="A release's number.")] = None,
    by: By = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Give all traffic back at once: to where the last walk came from, or to a release by number.

    Waits for nobody who holds the service.
    """
    from paved_road_contract.stacks import release_name
    from paved_road_delivery.ladder import Rollback

    ask = Rollback(by=who(by), why=why, to=release_name(service, to) if to else None)
    drive(live(service, estate, region), ask, dry_run=dry_run, as_json=as_json)


def hold(
    service: Service,
    number: Number,
    estate: EstateName,
    region: Region,
    why: Why,
    days: Annotated[int, typer.Option("--days", help="From now; 0 lifts the hold.")] = 7,
    by: By = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Keep a release at full capacity, so that traffic can go back to it."""
    from paved_road_contract.stacks import release_name
    from paved_road_delivery.ladder import Hold

    until = datetime.now(UTC) + timedelta(days=days) if days else None
    release = release_name(service, number)
    ask = Hold(by=who(by), why=why, release=release, until=until)
    there = live(service, estate, region)
    cost = cost_now(there, release)
    drive(there, ask, dry_run=dry_run, as_json=as_json, cost=cost)


def retire(
    service: Service,
    number: Number,
    estate: EstateName,
    region: Region,
    why: Why,
    delete: Annotated[bool, typer.Option("--delete", help="Do it; else only say it.")] = False,
    baseline: Annotated[
        bool, typer.Option("--baseline", help="The baseline that a walk made of that release.")
    ] = False,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Delete a release that nobody may need: no traffic, no walk, no hold, and the others well.

    Baselines that were left of walks go with it.
    """
    from paved_road_contract.stacks import release_name
    from paved_road_delivery.contract import baseline_name
    from paved_road_delivery.ladder import Retire

    release = release_name(service, number)
    release = baseline_name(release) if baseline else release
    ask = Retire(by=who(by), why=why, release=release, confirmed=delete)
    there = live(service, estate, region)
    drive(there, ask, dry_run=False, as_json=as_json, cost=cost_now(there, release))


COMMANDS = (shift, rollback, hold, retire)


def who(by: str) -> str:
    """Whoever is named, or this person on this machine."""
    return by or f"{getpass.getuser()}@{platform.node()}"


def driver_of(
    service: "LiveService", judge: "Judge | None" = None, look: timedelta = timedelta(minutes=1)
) -> "Driver":
    """Tells its steps to whoever watches; without a judge nobody is asked.

    It waits no longer than `look` between two looks, nor than its own longest wait.
    """
    from paved_road_delivery.drive import Driver

    def pause(seconds: float) -> None:
        time.sleep(min(seconds, look.total_seconds()))

    return Driver(service, say, judge or (lambda _: None), pause)


def drive(
    service: "LiveService",
    ask: "Ask",
    *,
    dry_run: bool,
    as_json: bool,
    judge: "Judge | None" = None,
    look: timedelta = timedelta(minutes=1),
    cost: str = "",
) -> None:
    """To the end; a refusal is exit code 2, a stop 1.

    `cost` is said with it; who asks finds it out before, since afterwards it may be gone.
    """
    from paved_road_delivery.cloud import DeliveryError, RefusedError
    from paved_road_delivery.ladder.steps import Refuse, Stop

    driver = driver_of(service, judge, look)
    step = driver.next(ask)[1] if dry_run else driver.run(ask)
    if isinstance(step, Refuse):
        raise RefusedError(step.why)
    if isinstance(step, Stop):
        raise DeliveryError(step.why)
    kind = type(step).__name__.lower()
    told = getattr(step, "why", "")
    line = f"would {kind} next: {told or step}" if dry_run else told
    line += f" ({cost})" if cost else ""
    emit(
        {"step": kind, "why": told, "dry_run": dry_run, **({"cost": cost} if cost else {})},
        as_json,
        lambda: stdout.print(line, highlight=False, soft_wrap=True),
    )
