"""`paved-road release promote`: up the ladder, in one region after the other."""

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from paved_road_cli.output import DryRun, Json, emit, say, stdout
from paved_road_cli.release import EstateName, Regions, Service
from paved_road_cli.release_cost import baseline_cost
from paved_road_cli.release_status import live
from paved_road_cli.release_traffic import By, Number, Why, drive, driver_of, who
from paved_road_contract.lab import LAB_VARIABLE

if TYPE_CHECKING:
    from paved_road_cli.release_traffic import Judge
    from paved_road_delivery.service import LiveService

MINUTE = timedelta(minutes=1)


def promote(
    service: Service,
    number: Number,
    estate: EstateName,
    region: Regions,
    why: Why,
    baseline: Annotated[
        int | None,
        typer.Option("--baseline", help="Number of one of your own; else the walk makes one."),
    ] = None,
    until: Annotated[int, typer.Option("--until", help="Percent at which to stop.")] = 100,
    judged: Annotated[
        bool, typer.Option("--judged/--not-judged", help="Ask the judge; else go by alarms.")
    ] = True,
    cohort: Annotated[
        bool, typer.Option("--cohort/--no-cohort", help="Show it to the named cohort first.")
    ] = True,
    soak_minutes: Annotated[
        int, typer.Option("--soak", help="Minutes between two regions.", min=0)
    ] = 60,
    all_back: Annotated[
        bool, typer.Option("--all-back", help="If a region fails, take those before it back too.")
    ] = False,
    period: Annotated[
        int,
        typer.Option(
            "--period",
            help="Seconds between two reports of the load balancers: 60 on AWS. Less in a lab, "
            "where all of the ladder is quicker by as much.",
            min=1,
            max=60,
        ),
    ] = 60,
    again: Annotated[bool, typer.Option("--again", help="Though it was rolled back.")] = False,
    by: By = "",
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Walk a release up: testers, a cohort, 1, 5, 25, 100 percent, with gates and soaks.

    Takes an hour and a half. The judge compares it with a baseline, which gets the same share:
    what is in service, deployed once more for the walk and deleted after it. `--dry-run` says
    under which name, and what that costs a day. May be ended and started again at any time: it
    goes on where AWS says that it is. A release that fails is taken back at once.

    Several regions are walked one at a time, in the order given. One that fails goes back alone and
    ends the walk.
    """
    from dataclasses import replace

    from paved_road_contract.stacks import release_name
    from paved_road_delivery.cloud import DeliveryError
    from paved_road_delivery.ladder import Promote
    from paved_road_delivery.ladder.asks import LADDER, NO_COHORT
    from paved_road_delivery.ladder.steps import Stop
    from paved_road_delivery.over_regions import RegionsWalk

    minute = _minute(period)
    rungs = tuple(
        replace(rung, judged=rung.judged and judged, soak=rung.soak * (minute / MINUTE))
        for rung in (LADDER if cohort else NO_COHORT)
    )
    ask = Promote(
        by=who(by),
        why=why,
        release=release_name(service, number),
        rungs=rungs,
        baseline=release_name(service, baseline) if baseline else None,
        copies=judged and baseline is None,
        until=until,
        again=again,
    )
    there = [live(service, estate, one) for one in region]
    judges = [_judge(one, minute) if judged else None for one in there]
    made = [(one.region, cost) for one in there if (cost := baseline_cost(one, ask))]
    if not dry_run:
        for name, cost in made:
            say(f"{name}: {cost}")
    if len(there) == 1:
        cost = made[0][1] if made and dry_run else ""
        drive(
            there[0], ask, dry_run=dry_run, as_json=as_json, judge=judges[0], look=minute, cost=cost
        )
        return
    drivers = [driver_of(one, judge, minute) for one, judge in zip(there, judges, strict=True)]
    walk = RegionsWalk(drivers, say, timedelta(minutes=soak_minutes), all_back)
    step = walk.next(ask) if dry_run else walk.run(ask)
    if isinstance(step, Stop):
        raise DeliveryError(step.why)
    told = f"would do next: {step}" if dry_run else getattr(step, "why", "")
    costs = "; ".join(f"{name}: {cost}" for name, cost in made if dry_run)
    emit(
        {
            "step": type(step).__name__.lower(),
            "why": told,
            "dry_run": dry_run,
            **({"cost": costs} if costs else {}),
        },
        as_json,
        lambda: stdout.print(
            f"{told} ({costs})" if costs else told, highlight=False, soft_wrap=True
        ),
    )


COMMANDS = (promote,)


def _minute(period: int) -> timedelta:
    """How long a minute of load balancers lasts. On AWS it lasts 60 s, whatever is said."""
    from paved_road_delivery.cloud import RefusedError

    if period < 60 and LAB_VARIABLE not in os.environ:
        raise RefusedError(
            f"load balancers of AWS report every 60 s: --period {period} is for a lab, with "
            "`paved-road lab exec`"
        )
    return timedelta(seconds=period)


def _judge(service: "LiveService", minute: timedelta) -> "Judge":
    from paved_road_delivery.cloud import RefusedError

    try:
        import scipy  # noqa: F401 - asked now, and not when a walk is half way up
    except ImportError:
        raise RefusedError(
            "the judge needs scipy: install paved-road[judge], or go by alarms with --not-judged"
        ) from None
    from paved_road_judge.walks import verdict

    return lambda seen: verdict(service, seen, minute=minute)
