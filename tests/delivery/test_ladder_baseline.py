"""The baseline that a walk makes for its judge: there when it is needed, and never left behind."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from paved_road_delivery.contract import baseline_name
from paved_road_delivery.ladder import Ended, Retire, Seen, Traffic, decide
from paved_road_delivery.ladder.asks import LADDER, Ask
from paved_road_delivery.ladder.compared import planned
from paved_road_delivery.ladder.guard import MOST_STANDING
from paved_road_delivery.ladder.seen import Judged, Stack
from paved_road_delivery.ladder.steps import Copy, Delete, Done, Refuse, Route, Stop, Wait
from tests.delivery.walks import (
    BETWEEN,
    NEW,
    NOON,
    OLD,
    at,
    change,
    end,
    everything_moved,
    judged,
    killed,
    promote,
    release,
    rollback,
    seen,
    steps,
    walk,
)

MADE = baseline_name(OLD)
BY_ALARMS = tuple(replace(rung, judged=False) for rung in LADDER)
UP_STEPS = list(steps(seen(), promote(copies=True)))
UP = [one for _, one in UP_STEPS]
RETIRE_GONE = Retire(by="carl", why="", release="place-order-v001", confirmed=True)
BY_HAND = [rollback(to=OLD), promote(by="carl", copies=True), RETIRE_GONE]


def stands(one: Seen) -> bool:
    """Whether it costs anything: what is being deleted will be gone."""
    found = one.release(MADE)
    return found is not None and found.stack is not Stack.GOING


def left_behind(reached: int = 5) -> Seen:
    """What a rollback that may only move traffic leaves."""
    whole = release(MADE, minimum=10)
    one = at(reached, walk=walk(reached=reached, baseline=MADE))
    one = replace(one, releases=(*one.releases, whole))
    last, one = end(one, rollback(tidies=False))
    assert isinstance(last, Done)
    return replace(one, holder=None)


def test_a_walk_makes_it_once_as_large_as_its_candidate_and_ends_it() -> None:
    last, one = UP_STEPS[-1]
    assert isinstance(last, Done)
    assert [step for step, _ in UP_STEPS if isinstance(step, Copy)] == [Copy(MADE, OLD, 10)]
    assert [step for step, _ in UP_STEPS if isinstance(step, Delete)] == [Delete(MADE, waits=False)]
    assert one.release(MADE) is None
    assert one.walk
    assert one.walk.ended is Ended.IN_SERVICE


def test_it_has_the_candidates_share_on_judged_rungs_and_on_no_other() -> None:
    shares = {(one.live.share(NEW), one.live.share(MADE)) for one in UP}
    assert shares == {(0, 0), (1, 1), (5, 5), (25, 25), (100, 0)}


def test_it_is_begun_with_the_walk_so_that_both_are_of_an_age() -> None:
    assert next(one.now for one in UP if one.walk) == NOON
    assert next(one.now for one in UP if one.release(MADE)) == NOON
    assert {one.walk.begun for one in UP if one.walk} == {NOON}


def test_who_had_users_before_is_older_than_its_walk() -> None:
    _, one = end(at(5), rollback())
    _, again = end(replace(one, holder=None), promote(copies=True, again=True, until=0))
    assert again.walk
    assert again.walk.begun is None


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("after", range(len(UP)))
def test_whoever_goes_on_after_a_death_makes_no_second_one_and_leaves_none(
    after: int, between: Callable[[Seen], Seen]
) -> None:
    last, one = end(between(UP[after]), promote(copies=True))
    assert isinstance(last, Done)
    assert everything_moved(one) == everything_moved(UP[-1])


@pytest.mark.parametrize("after", range(len(UP)))
def test_a_rollback_from_anywhere_ends_it(after: int) -> None:
    last, one = end(UP[after], rollback(to=OLD))
    assert isinstance(last, Done)
    assert one.live == one.recorded == Traffic(shares={OLD: 100})
    assert not stands(one)


def test_it_goes_after_its_walk_was_ended_with_what_the_judge_said() -> None:
    """Who judges once it is gone has nothing to compare with, and says nothing."""

    def fails(one: Seen) -> Seen:
        return judged(one, Judged.FAIL) if stands(one) else replace(one, verdict=None)

    one = at(5, walk=walk(reached=5, baseline=MADE))
    one = replace(one, releases=(*one.releases, release(MADE, minimum=10)))
    last, one = end(one, promote(copies=True), fails)
    assert isinstance(last, Refuse)
    assert not stands(one)
    assert one.walk
    assert one.walk.told == f"the judge fails {NEW}: latency"


@pytest.mark.parametrize("ask", BY_HAND, ids=lambda ask: type(ask).__name__)
@pytest.mark.parametrize("after", range(len(list(steps(at(25), rollback())))))
def test_a_rollback_that_dies_anywhere_is_ended_by_whoever_comes_next(after: int, ask: Ask) -> None:
    one = at(25, walk=walk(reached=25, baseline=MADE))
    one = replace(one, releases=(*one.releases, release(MADE, minimum=10)))
    dead = killed([after for _, after in steps(one, rollback())][after])
    _, one = end(dead, ask)
    if isinstance(ask, Retire) and one.under_way:
        _, one = end(killed(one), rollback())
    assert not stands(one)


@pytest.mark.parametrize("ask", BY_HAND, ids=lambda ask: type(ask).__name__)
def test_one_that_an_alarm_left_is_ended_by_whoever_comes_next(ask: Ask) -> None:
    one = left_behind()
    assert stands(one)
    _, one = end(one, ask)
    assert not stands(one)


def test_one_of_an_earlier_walk_is_never_compared_with() -> None:
    one, third = left_behind(), "place-order-v044"
    one = replace(one, releases=(*one.releases, release(third)))
    ask = promote(release=third, copies=True, until=1)
    told = [step for step, _ in steps(one, ask, lambda one: one)]
    deleted, made = (
        next(n for n, step in enumerate(told) if isinstance(step, kind)) for kind in (Delete, Copy)
    )
    assert deleted < made
    assert any(isinstance(step, Wait) for step in told[deleted:made])


def test_one_that_may_have_to_take_traffic_stays() -> None:
    """It runs what is in service, and those that serve are not well."""
    one = change(left_behind(), OLD, healthy=4)
    last, one = end(one, rollback())
    assert isinstance(last, Done)
    assert stands(one)


def test_it_counts_among_those_that_may_stand() -> None:
    others = [release(f"place-order-v03{n}", held_until=NOON + timedelta(1)) for n in range(3)]
    full = seen(releases=(*others, release(OLD), release(NEW)))
    assert len(full.releases) == MOST_STANDING
    last, one = end(full, promote(copies=True))
    assert isinstance(last, Refuse)
    assert "5 releases of place-order stand" in last.why
    assert "baseline is a release more" in last.why
    assert one.walk is None
    assert isinstance(end(full, promote())[0], Done), "who makes none has room"


def test_one_that_cannot_be_created_stops_the_walk_before_anybody_sees_the_candidate() -> None:
    def broken(one: Seen) -> Seen:
        return change(one, MADE, stack=Stack.BROKEN)

    last, one = end(seen(), promote(copies=True), broken)
    assert isinstance(last, Stop)
    assert "release retire --baseline" in last.why
    assert one.live == Traffic(shares={OLD: 100})
    assert not stands(end(one, rollback())[1])
    _, one = end(one, Retire(by="ann", why="", release=MADE, confirmed=True))
    assert not stands(one)
    assert isinstance(end(one, promote(copies=True))[0], Done), "another one is made"


def test_one_whose_deletion_fails_is_not_deleted_for_ever() -> None:
    def stuck(one: Seen) -> Seen:
        found = one.release(MADE)
        going = found is not None and found.stack is Stack.GOING
        return change(one, MADE, stack=Stack.STUCK) if going else one

    last, _ = end(seen(), promote(copies=True), lambda one: judged(stuck(one), Judged.PASS))
    assert isinstance(last, Done)


def test_a_walk_whose_baseline_answers_nobody_goes_back() -> None:
    one = at(5, walk=walk(reached=5, baseline=MADE))
    traffic = Traffic(shares={OLD: 90, NEW: 5, MADE: 5})
    dead = release(MADE, healthy=0, minimum=10)
    one = replace(one, live=traffic, recorded=traffic, releases=(*one.releases, dead))
    first, _ = next(steps(one, promote(copies=True)))
    assert first == Route(Traffic(shares={OLD: 100}), f"{MADE} has traffic and no healthy target")


def test_a_walk_by_alarms_may_be_judged_from_there_on() -> None:
    testers = at(0)
    _, one = end(testers, promote(copies=True))
    assert one.walk
    assert one.walk.baseline == MADE
    late = decide(at(5), promote(copies=True))
    assert isinstance(late, Refuse)
    assert "--not-judged" in late.why
    dead = replace(at(25), live=Traffic(shares={OLD: 100}))
    _, back = end(dead, promote(copies=True))
    assert back.walk
    assert back.walk.ended is Ended.ROLLED_BACK, "whoever comes ends a rollback that died"


def test_a_walk_that_goes_on_by_alarms_compares_no_more() -> None:
    begun = next(one for one in UP if one.release(MADE))
    on = list(steps(begun, promote(rungs=BY_ALARMS)))
    assert isinstance(on[-1][0], Done)
    assert {one.live.share(MADE) for _, one in on} == {0}
    assert not stands(on[-1][1])


@pytest.mark.parametrize(("reached", "kept"), [(0, True), (25, True), (100, False)])
def test_it_is_part_of_its_walk_until_nothing_is_left_to_compare_with(
    reached: int, kept: bool
) -> None:
    one = at(reached, walk=walk(reached=reached, baseline=MADE))
    one = replace(one, releases=(*one.releases, release(MADE)))
    last, _ = end(one, Retire(by="ann", why="", release=MADE, confirmed=True))
    assert isinstance(last, Refuse) == kept


def test_nothing_is_made_that_nobody_compares_with() -> None:
    for ask in (promote(copies=True, rungs=BY_ALARMS), promote(copies=True, until=0)):
        assert not [step for step, _ in steps(seen(), ask) if isinstance(step, Copy)]
        assert planned(seen(), ask) is None


def test_the_plan_says_what_is_made() -> None:
    assert planned(seen(), promote(copies=True)) == Copy(MADE, OLD, 10)
    assert planned(left_behind(), promote(copies=True)) == Copy(MADE, OLD, 10)
    assert planned(UP[-1], promote(copies=True)) is None
