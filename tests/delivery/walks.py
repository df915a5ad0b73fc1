"""A service that does what the ladder's steps say, at once and in memory."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from paved_road_delivery.ladder import Holder, Release, Seen, Traffic, Verdict, Walk, decide
from paved_road_delivery.ladder.asks import Ask, Promote, Rollback
from paved_road_delivery.ladder.seen import Judged, Stack
from paved_road_delivery.ladder.steps import (
    Begin,
    Claim,
    Copy,
    Delete,
    Done,
    End,
    Keep,
    Note,
    Raise,
    Record,
    Refuse,
    Route,
    Settle,
    Step,
    Stop,
    Wait,
)

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
OLD, NEW, BASE = "place-order-v042", "place-order-v043", "place-order-v042b"
LEASE = timedelta(minutes=5)
MOST_STEPS = 400


def release(name: str, **given: Any) -> Release:
    return Release(
        **{"name": name, "healthy": 10, "registered": 10, "minimum": 3, "maximum": 60, **given}
    )


def seen(**given: Any) -> Seen:
    """The old release has all the traffic, the new one stands beside it, the judge passes it."""
    return Seen(
        **{
            "service": "place-order",
            "region": "us-east-1",
            "now": NOON,
            "releases": (release(OLD), release(NEW)),
            "live": Traffic(shares={OLD: 100}),
            "recorded": Traffic(shares={OLD: 100}),
            **given,
        }
    )


def walk(**given: Any) -> Walk:
    return Walk(
        **{
            "candidate": NEW,
            "previous": OLD,
            "full": 10,
            "since": NOON,
            "by": "ann",
            "why": "new prices",
            **given,
        }
    )


def at(percent: int, **given: Any) -> Seen:
    """In the middle of a walk, everything in step, ann holding the service."""
    shares = {name: n for name, n in ((OLD, 100 - percent), (NEW, percent)) if n}
    traffic = Traffic(shares=shares)
    return seen(
        **{
            "live": traffic,
            "recorded": traffic,
            "walk": walk(reached=percent),
            "holder": held_by("ann"),
            "releases": (release(OLD, minimum=10), release(NEW, minimum=10)),
            **given,
        }
    )


def held_by(who: str, now: datetime = NOON) -> Holder:
    return Holder(who=who, doing=f"promote {NEW}", since=now, until=now + LEASE)


def promote(**given: Any) -> Promote:
    return Promote(**{"by": "ann", "why": "new prices", "release": NEW, **given})


def rollback(**given: Any) -> Rollback:
    return Rollback(**{"by": "bob", "why": "complaints", **given})


def passes(one: Seen) -> Seen:
    return judged(one, Judged.PASS)


def judged(one: Seen, word: Judged) -> Seen:
    """The judge's word on the rung where the walk stands."""
    return replace(
        one,
        verdict=Verdict(candidate=NEW, judged=word, since=one.walk.since, why="latency")
        if one.walk
        else None,
    )


def change(one: Seen, name: str, **given: Any) -> Seen:
    """Something about a release."""
    return replace(
        one, releases=tuple(replace(r, **given) if r.name == name else r for r in one.releases)
    )


def do(one: Seen, step: Step) -> Seen:  # noqa: PLR0911, PLR0912 - a line for each step
    """The service after a step."""
    match step:
        case Claim(by):
            return replace(one, holder=held_by(by, one.now))
        case Begin(begun):
            return replace(one, walk=begun)
        case Copy(name, _, members):
            assert one.release(name) is None
            sizes = {"healthy": 0, "registered": members, "minimum": members}
            made = release(name, stack=Stack.COMING, **sizes)
            return replace(one, releases=(*one.releases, made))
        case Raise(name, minimum):
            return change(one, name, minimum=minimum)
        case Record(traffic):
            return replace(one, recorded=traffic, settled=False)
        case Route(traffic):
            return replace(one, live=traffic)
        case Settle():
            return replace(one, settled=True, live=one.recorded)
        case Note(reached, cohort):
            assert one.walk
            return replace(
                one, walk=replace(one.walk, reached=reached, cohort=cohort, since=one.now)
            )
        case Keep(name, until):
            return change(one, name, held_until=until)
        case End(how, why):
            assert one.walk
            return replace(one, walk=replace(one.walk, ended=how, told=why))
        case Delete(name, waits):
            going = change(one, name, stack=Stack.GOING, healthy=0)
            return without_those_that_go(going) if waits else going
        case Wait(_, until):
            return later(one, until or one.now + timedelta(minutes=1))
        case _:
            return one


def later(one: Seen, now: datetime) -> Seen:
    """What was being created stands, and what was being deleted is gone."""
    whole = replace(
        one,
        now=now,
        releases=tuple(
            replace(r, stack=Stack.WHOLE, healthy=r.registered) if r.stack is Stack.COMING else r
            for r in one.releases
        ),
    )
    return without_those_that_go(whole)


def without_those_that_go(one: Seen) -> Seen:
    return replace(one, releases=tuple(r for r in one.releases if r.stack is not Stack.GOING))


def steps(
    one: Seen, ask: Ask, judge: Callable[[Seen], Seen] = passes
) -> Iterator[tuple[Step, Seen]]:
    """Every step with the service after it, to the last one. The hold is renewed as time goes."""
    for _ in range(MOST_STEPS):
        one = judge(one)
        step = decide(one, ask)
        one = do(one, step)
        if one.holder and one.holder.who == ask.by:
            one = replace(one, holder=held_by(ask.by, one.now))
        yield step, one
        if isinstance(step, Done | Stop | Refuse):
            return
    raise AssertionError(f"no end after {MOST_STEPS} steps, the last one was {step}")


def end(one: Seen, ask: Ask, judge: Callable[[Seen], Seen] = passes) -> tuple[Step, Seen]:
    """The last step, and the service then."""
    *_, last = steps(one, ask, judge)
    return last


def killed(one: Seen) -> Seen:
    """Nobody is there to renew the hold, so it lapses."""
    return later(one, one.now + LEASE)


def met_by_a_stack_update(one: Seen) -> Seen:
    """Whatever deploys it: the parameters as they are go into the rule."""
    return replace(one, live=one.recorded, settled=True)


BETWEEN = [killed, met_by_a_stack_update, lambda one: met_by_a_stack_update(killed(one))]
"""What may happen between two drivers."""


def everything_moved(one: Seen) -> tuple[object, ...]:
    """What must be the same however one got there: all but times, holds and what was said."""
    return (
        one.live,
        one.recorded,
        one.settled,
        one.walk and (one.walk.candidate, one.walk.previous, one.walk.ended, one.walk.reached),
        [
            (r.name, r.minimum, r.held_until is not None)
            for r in one.releases
            if r.stack is not Stack.GOING
        ],
    )
