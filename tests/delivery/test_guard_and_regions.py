"""Who may go, who may shrink, what a sixth release hears, and regions one at a time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_delivery.ladder import Ended, Hold, Retire, Traffic, decide
from paved_road_delivery.ladder.cost import told, usd_of_hold
from paved_road_delivery.ladder.guard import may_not_shrink, no_room, too_small
from paved_road_delivery.ladder.regions import (
    Back,
    Everywhere,
    Go,
    Halt,
    Progress,
    RegionSeen,
    Soak,
    next_region,
)
from paved_road_delivery.ladder.steps import Refuse
from tests.delivery.walks import NEW, NOON, OLD, at, change, release, seen, walk

AFTER = at(100, walk=walk(reached=100, ended=Ended.IN_SERVICE))
NEXT_WEEK = NOON + timedelta(days=7)


@pytest.mark.parametrize(
    ("one", "name", "why"),
    [
        (AFTER, NEW, f"it has traffic (100% {NEW}"),
        (replace(AFTER, recorded=Traffic(shares={OLD: 100})), OLD, f"parameters: 100% {OLD}"),
        (replace(AFTER, live=Traffic(shares={NEW: 100}, cohort=OLD)), OLD, "it has traffic"),
        (at(0), NEW, f"it is part of the walk of {NEW}"),
        (change(AFTER, OLD, held_until=NEXT_WEEK), OLD, "it is held until 2026-12-02 12:00 UTC"),
        (change(AFTER, NEW, healthy=0), OLD, "no release with traffic is healthy"),
        (change(AFTER, NEW, healthy=6), OLD, "has 6 healthy targets where 10 are wanted"),
        (change(AFTER, NEW, alarms=("Latency",)), OLD, f"{NEW} is in alarm"),
    ],
)
def test_what_may_be_needed_is_not_retired(one: object, name: str, why: str) -> None:
    assert isinstance(one, type(AFTER))
    step = decide(one, Retire(by="ann", why="", release=name, confirmed=True))
    assert isinstance(step, Refuse)
    assert why in step.why


def test_a_hold_that_is_over_or_lifted_lets_go() -> None:
    ask = Retire(by="ann", why="", release=OLD, confirmed=True)
    assert not isinstance(decide(change(AFTER, OLD, held_until=NOON), ask), Refuse)


def test_a_hold_until_yesterday_is_refused() -> None:
    step = decide(AFTER, Hold(by="ann", why="", release=OLD, until=NOON - timedelta(days=1)))
    assert isinstance(step, Refuse)
    assert "is past" in step.why


def test_a_sixth_release_hears_which_may_go() -> None:
    spare = [release(f"place-order-v{n:03d}") for n in (39, 40, 41)]
    one = replace(AFTER, releases=(*spare, *AFTER.releases))
    one = change(one, "place-order-v040", held_until=NEXT_WEEK)
    assert no_room(one, "place-order-v044") == (
        "5 releases of place-order stand in us-east-1, the most: retire one of place-order-v039, "
        f"place-order-v041, {OLD} before place-order-v044 is deployed"
    )
    assert no_room(one, NEW) is None
    assert no_room(AFTER, "place-order-v044") is None


def test_a_sixth_release_hears_why_none_may_go() -> None:
    names = [f"place-order-v{n:03d}" for n in (39, 40, 41)]
    spare = [release(name, held_until=NEXT_WEEK) for name in names]
    one = replace(at(5), releases=(*spare, *at(5).releases))
    told = no_room(one, "place-order-v044")
    assert told
    assert "none may be retired" in told
    assert all(name in told for name in names)


@pytest.mark.parametrize(
    ("one", "name", "to", "refused"),
    [
        (AFTER, NEW, 0, True),
        (AFTER, NEW, 9, True),
        (AFTER, NEW, 10, False),
        (AFTER, OLD, 0, False),
        (change(AFTER, OLD, held_until=NEXT_WEEK), OLD, 9, True),
        (change(AFTER, OLD, healthy=0), NEW, 0, True),
        (at(5), OLD, 9, True),
        (at(5), NEW, 9, True),
        (seen(releases=(release(OLD),)), OLD, 2, True),
        (AFTER, "place-order-v001", 0, False),
    ],
)
def test_who_may_shrink(one: object, name: str, to: int, refused: bool) -> None:
    assert isinstance(one, type(AFTER))
    assert bool(may_not_shrink(one, name, to)) == refused


def test_a_minimum_that_was_lowered_by_hand_is_seen() -> None:
    assert too_small(AFTER) == ()
    one = change(at(25), OLD, minimum=0)
    assert too_small(one) == (f"{OLD} may shrink to 0 instances and must keep 10: hold it",)
    assert too_small(change(one, OLD, minimum=10)) == ()


def test_the_cost_of_a_hold_is_said() -> None:
    assert told(10, 0.08976, timedelta(days=7)) == "10 instances for 7 days: about 151 USD"


@given(st.integers(0, 500), st.integers(0, 60))
def test_a_hold_costs_in_proportion(instances: int, days: int) -> None:
    one = usd_of_hold(instances, 0.1, timedelta(days=days))
    assert usd_of_hold(2 * instances, 0.1, timedelta(days=days)) == pytest.approx(2 * one)


def region(name: str, progress: Progress, **given: object) -> RegionSeen:
    return RegionSeen(**{"name": name, "progress": progress, **given})  # type: ignore[arg-type]


EAST = region("us-east-1", Progress.ARRIVED, arrived=NOON - timedelta(hours=2))
FRESH = region("us-east-1", Progress.ARRIVED, arrived=NOON)
WEST = region("us-west-2", Progress.WAITS)
FAILED = region("us-west-2", Progress.ROLLED_BACK, why="the judge fails it")
EU = region("eu-west-1", Progress.WAITS)


def test_the_first_region_goes_first() -> None:
    first = region("us-east-1", Progress.WALKS)
    assert next_region([first, WEST, EU], NOON) == Go("us-east-1")


def test_the_next_one_goes_when_the_one_before_has_soaked() -> None:
    assert next_region([FRESH, WEST, EU], NOON) == Soak("us-east-1", NOON + timedelta(hours=1))
    assert next_region([EAST, WEST, EU], NOON) == Go("us-west-2")


def test_a_region_that_fails_goes_back_alone() -> None:
    step = next_region([EAST, FAILED, EU], NOON)
    assert step == Halt(
        "us-west-2 was rolled back (the judge fails it); us-east-1 keeps the new release; "
        "eu-west-1 was not touched"
    )


def test_all_go_back_where_that_was_asked_for() -> None:
    step = next_region([EAST, FAILED, EU], NOON, all_back=True)
    assert step == Back(("us-east-1",), "us-west-2 failed: the judge fails it")
    gone = replace(EAST, progress=Progress.ROLLED_BACK, why="us-west-2 failed")
    assert isinstance(next_region([gone, FAILED, EU], NOON, all_back=True), Halt)


def test_an_alarm_in_the_soak_takes_a_region_back() -> None:
    step = next_region([replace(FRESH, alarms=("Latency",)), WEST], NOON)
    assert isinstance(step, Back)
    assert step.regions == ("us-east-1",)


def test_an_undecided_region_halts_the_walk() -> None:
    step = next_region([replace(WEST, progress=Progress.STOPPED, why="undecided"), EU], NOON)
    assert step == Halt("us-west-2 stopped: undecided")


def test_the_end() -> None:
    assert next_region([EAST], NOON) == Everywhere()


@given(st.lists(st.sampled_from(Progress), min_size=1, max_size=6), st.booleans())
def test_never_two_regions_at_once(progress: list[Progress], all_back: bool) -> None:
    regions = [
        region(f"r{n}", one, arrived=NOON - timedelta(minutes=59) * n)
        for n, one in enumerate(progress)
    ]
    step = next_region(regions, NOON, all_back=all_back)
    if isinstance(step, Go):
        place = [one.name for one in regions].index(step.region)
        assert all(one.progress is Progress.ARRIVED for one in regions[:place])
