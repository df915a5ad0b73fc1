"""The way back: what a rollback does next, whatever it finds."""

from dataclasses import replace
from datetime import timedelta

from paved_road_delivery.ladder import Ended, Traffic, decide
from paved_road_delivery.ladder.steps import (
    Done,
    Raise,
    Record,
    Refuse,
    Route,
    Wait,
)
from tests.delivery.walks import (
    BASE,
    NEW,
    NOON,
    OLD,
    at,
    change,
    end,
    held_by,
    promote,
    release,
    rollback,
    seen,
    walk,
)

SOON = NOON + timedelta(minutes=30)
LATER = NOON + timedelta(hours=2)
FIVE = Traffic(shares={OLD: 95, NEW: 5})


def test_a_rollback_that_died_before_its_parameters_is_ended_by_who_promotes() -> None:
    died = at(5, live=Traffic(shares={OLD: 100}))
    assert decide(died, promote()) == Record(Traffic(shares={OLD: 100}))
    last, after = end(died, promote())
    assert isinstance(last, Refuse)
    assert after.walk
    assert after.walk.ended is Ended.ROLLED_BACK


def test_a_cohort_that_was_taken_back_counts_as_traffic() -> None:
    died = at(0, walk=walk(cohort=True))
    last, after = end(died, promote())
    assert isinstance(last, Refuse)
    assert after.walk
    assert after.walk.ended is Ended.ROLLED_BACK


def test_nobody_is_rolled_back_onto_nobody() -> None:
    step = decide(change(at(100), OLD, healthy=0), rollback())
    assert isinstance(step, Refuse)
    assert f"{OLD} has no healthy target, so nothing was moved" in step.why
    assert f"with healthy targets: {NEW}" in step.why


def test_a_rollback_gives_a_shrunken_release_what_it_carries_and_the_rest_as_it_grows() -> None:
    one = change(at(100), OLD, healthy=4, minimum=3)
    assert decide(one, rollback()) == Route(Traffic(shares={OLD: 40, NEW: 60}), "complaints")
    grown = change(one, OLD, healthy=7)
    assert decide(grown, rollback()) == Route(Traffic(shares={OLD: 100}), "complaints")
    dead = change(one, NEW, healthy=0)
    assert decide(dead, rollback()) == Route(Traffic(shares={OLD: 100}), "complaints")
    waits = replace(one, live=Traffic(shares={OLD: 40, NEW: 60}), holder=held_by("bob"))
    waits = replace(waits, recorded=waits.live)
    assert decide(waits, rollback()) == Raise(OLD, 10)
    assert isinstance(decide(change(waits, OLD, minimum=10), rollback()), Wait)


def test_a_rollback_in_parts_gives_nobody_more_than_before() -> None:
    thirds = Traffic(shares={OLD: 40, NEW: 30, BASE: 30})
    stand = (release(OLD, healthy=5), release(NEW), release(BASE))
    step = decide(at(25, live=thirds, recorded=thirds, releases=stand), rollback())
    assert step == Route(Traffic(shares={OLD: 50, NEW: 20, BASE: 30}), "complaints")


def test_a_rollback_to_another_release_by_name() -> None:
    one = at(100, releases=(release(OLD, healthy=0), release(NEW), release("place-order-v041")))
    last, after = end(one, rollback(to="place-order-v041"))
    assert isinstance(last, Done)
    assert after.live == Traffic(shares={"place-order-v041": 100})


def test_where_nothing_was_promoted_a_rollback_asks_for_a_name() -> None:
    step = decide(seen(), rollback())
    assert isinstance(step, Refuse)
    assert "nothing was promoted" in step.why
