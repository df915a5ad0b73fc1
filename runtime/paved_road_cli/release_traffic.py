"""`paved-road release shift`, `promote`, `rollback`, `hold` and `retire`: what moves traffic."""

import getpass
import platform
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from paved_road_cli.output import DryRun, Json, emit, say, stdout
from paved_road_cli.release import EstateName, Service
from paved_road_cli.release_status import Region, live

if TYPE_CHECKING:
    from collections.abc import Callable

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

    ask = Shift(by=_who(by), why=why, release=release_name(service, number), percent=percent)
    _drive(live(service, estate, region), ask, dry_run=dry_run, as_json=as_json)


def promote(
    service: Service,
    number: Number,
    estate: EstateName,
    region: Region,
    why: Why,
    baseline: Annotated[
        int | None,
        typer.Option("--baseline", help="Number of a fresh release of the template in service."),
    ] = None,
    until: Annotated[int, typer.Option("--until", help="Percent at which to stop.")] = 100,
    judged: Annotated[
        bool, typer.Option("--judged/--not-judged", help="Ask the judge; else go by alarms.")
    ] = True,
    cohort: Annotated[
        bool, typer.Option("--cohort/--no-cohort", help="Show it to the named cohort first.")
    ] = True,
    again: Annotated[bool, typer.Option("--again", help="Though it was rolled back.")] = False,
    by: By = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Walk a release up: testers, a cohort, 1, 5, 25, 100 percent, with gates and soaks.

    Takes an hour and a half. The judge compares it with the baseline, which gets the same share.
    May be ended and started again at any time: it goes on where AWS
    says that it is. A release that fails is taken back at once.
    """
    from dataclasses import replace

    from paved_road_contract.stacks import release_name
    from paved_road_delivery.ladder import Promote
    from paved_road_delivery.ladder.asks import LADDER, NO_COHORT

    rungs = tuple(
        replace(rung, judged=rung.judged and judged) for rung in (LADDER if cohort else NO_COHORT)
    )
    ask = Promote(
        by=_who(by),
        why=why,
        release=release_name(service, number),
        rungs=rungs,
        baseline=release_name(service, baseline) if baseline else None,
        until=until,
        again=again,
    )
    there = live(service, estate, region)
    judge = _judge(there, baseline is not None) if judged else None
    _drive(there, ask, dry_run=dry_run, as_json=as_json, judge=judge)


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

    ask = Rollback(by=_who(by), why=why, to=release_name(service, to) if to else None)
    _drive(live(service, estate, region), ask, dry_run=dry_run, as_json=as_json)


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
    ask = Hold(by=_who(by), why=why, release=release_name(service, number), until=until)
    _drive(live(service, estate, region), ask, dry_run=dry_run, as_json=as_json)


def retire(
    service: Service,
    number: Number,
    estate: EstateName,
    region: Region,
    why: Why,
    delete: Annotated[bool, typer.Option("--delete", help="Do it; else only say it.")] = False,
    by: By = "",
    as_json: Json = False,
) -> None:
    """Delete a release that nobody may need: no traffic, no walk, no hold, and the others well."""
    from paved_road_contract.stacks import release_name
    from paved_road_delivery.ladder import Retire

    ask = Retire(by=_who(by), why=why, release=release_name(service, number), confirmed=delete)
    _drive(live(service, estate, region), ask, dry_run=False, as_json=as_json)


COMMANDS = (shift, promote, rollback, hold, retire)


def _who(by: str) -> str:
    return by or f"{getpass.getuser()}@{platform.node()}"


def _judge(service: "LiveService", has_baseline: bool) -> "Judge":
    from paved_road_delivery.cloud import RefusedError
    from paved_road_delivery.observe import read_walk

    walk = read_walk(service)
    if not has_baseline and (walk is None or walk.ended or not walk.baseline):
        raise RefusedError(
            "the judge compares with a release of the same age: deploy the template in service "
            "under a number of its own and name it with --baseline, or go by alarms with "
            "--not-judged"
        )

    try:
        import scipy  # noqa: F401 - asked now, and not when a walk is half way up
    except ImportError:
        raise RefusedError(
            "the judge needs scipy: install paved-road[judge], or go by alarms with --not-judged"
        ) from None
    from paved_road_judge.walks import verdict

    return lambda seen: verdict(service, seen)


def _drive(
    service: "LiveService",
    ask: "Ask",
    *,
    dry_run: bool,
    as_json: bool,
    judge: "Judge | None" = None,
) -> None:
    """To the end; a refusal is exit code 2, a stop 1."""
    from paved_road_delivery.cloud import DeliveryError, RefusedError
    from paved_road_delivery.drive import Driver
    from paved_road_delivery.ladder.steps import Refuse, Stop

    driver = Driver(service, say, judge) if judge else Driver(service, say)
    step = driver.next(ask)[1] if dry_run else driver.run(ask)
    if isinstance(step, Refuse):
        raise RefusedError(step.why)
    if isinstance(step, Stop):
        raise DeliveryError(step.why)
    kind = type(step).__name__.lower()
    told = getattr(step, "why", "")
    line = f"would {kind} next: {told or step}" if dry_run else told
    emit(
        {"step": kind, "why": told, "dry_run": dry_run},
        as_json,
        lambda: stdout.print(line, highlight=False, soft_wrap=True),
    )
