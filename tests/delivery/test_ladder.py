"""Situation by situation: what the ladder does next, and what it says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paved_road_delivery.ladder import Ended, Hold, Holder, Shift, Traffic, decide
from paved_road_delivery.ladder.asks import LADDER, NO_COHORT
from paved_road_delivery.ladder.seen import Judged
from paved_road_delivery.ladder.steps import (
    Begin,
    Claim,
    Done,
    End,
    Note,
    Raise,
    Record,
    Refuse,
    Route,
    Settle,
    Stop,
    Wait,
)
from tests.delivery.walks import (
    BASE,
    LEASE,
    NEW,
    NOON,
    OLD,
    at,
    change,
    end,
    held_by,
    judged,
    passes,
    promote,
    release,
    rollback,
    seen,
    steps,
    walk,
)

SOON = NOON + timedelta(minutes=30)
LATER = NOON + timedelta(hours=2)
FIVE = Traffic(shares={OLD: 95, NEW: 5})


def test_a_promotion_climbs_the_whole_ladder_and_keeps_the_old_one() -> None:
    taken = [step for step, _ in steps(seen(), promote())]
    routed = [str(step.traffic) for step in taken if isinstance(step, Route)]
    assert routed == [
        f"100% {OLD}, cohort {NEW}",
        f"99% {OLD}, 1% {NEW}, cohort {NEW}",
        f"95% {OLD}, 5% {NEW}, cohort {NEW}",
        f"75% {OLD}, 25% {NEW}, cohort {NEW}",
        f"100% {NEW}",
    ]
    last, after = end(seen(), promote())
    assert isinstance(last, Done)
    assert after.walk
    assert after.walk.ended is Ended.IN_SERVICE
    old = after.release(OLD)
    assert old
    assert old.held_until
    assert old.held_until > after.now + timedelta(days=6)
    assert old.minimum == 10


def test_it_soaks_on_every_rung_for_at_least_as_long_as_the_rung_says() -> None:
    _, after = end(seen(), promote())
    assert after.now - NOON >= sum((rung.soak for rung in LADDER), timedelta())


def test_the_baseline_has_the_share_of_the_candidate() -> None:
    start = seen(releases=(release(OLD), release(NEW), release(BASE)))
    asked = promote(baseline=BASE, rungs=NO_COHORT)
    routed = [step.traffic for step, _ in steps(start, asked) if isinstance(step, Route)]
    assert routed[:-1] == [Traffic(shares={OLD: 100 - 2 * n, NEW: n, BASE: n}) for n in (1, 5, 25)]
    assert routed[-1] == Traffic(shares={NEW: 100})


@pytest.mark.parametrize("name", [OLD, NEW])
def test_neither_side_is_its_own_baseline(name: str) -> None:
    step = decide(seen(holder=held_by("ann")), promote(baseline=name))
    assert isinstance(step, Refuse)
    assert f"{name} is no baseline" in step.why


def test_parameters_go_before_the_rule_on_the_way_up_and_after_it_on_the_way_back() -> None:
    up = [type(s) for s, _ in steps(at(1, now=LATER), promote(until=5, rungs=NO_COHORT))]
    assert up == [Claim, Record, Route, Settle, Note, Done]
    back = [type(s) for s, _ in steps(at(5), rollback())]
    assert back == [Route, Claim, Record, Settle, End, Done]


def test_a_walk_begins_with_what_serves_then() -> None:
    step = decide(change(seen(holder=held_by("ann")), OLD, registered=17), promote())
    assert isinstance(step, Begin)
    assert (step.walk.candidate, step.walk.previous, step.walk.full) == (NEW, OLD, 17)


def test_both_sides_stay_large_for_as_long_as_either_may_take_all() -> None:
    one = seen(walk=walk(full=17), holder=held_by("ann"))
    assert decide(one, promote()) == Raise(NEW, 17)
    assert decide(change(one, NEW, minimum=17), promote()) == Raise(OLD, 17)


def test_a_candidate_that_can_never_carry_all_stops_the_walk() -> None:
    step = decide(change(at(1), NEW, minimum=3, maximum=8), promote())
    assert isinstance(step, Stop)
    assert "8 instances at most and all the traffic takes 10" in step.why


def test_a_second_operator_is_told_who_holds_the_service() -> None:
    for ask in (
        promote(by="bob"),
        Shift(by="bob", why="", release=NEW, percent=5),
        Hold(by="bob", why="", release=OLD, until=LATER),
    ):
        step = decide(at(1), ask)
        assert isinstance(step, Refuse)
        assert f"ann holds place-order in us-east-1 since 12:00 UTC (promote {NEW})" in step.why


def test_a_hold_that_lapsed_is_taken_over() -> None:
    assert decide(at(1, now=NOON + LEASE), promote(by="bob")) == Claim("bob")


def test_a_rollback_waits_for_no_hold_and_takes_it_over() -> None:
    one = at(25)
    first = decide(one, rollback())
    assert first == Route(Traffic(shares={OLD: 100}), "complaints")
    assert decide(replace(one, live=Traffic(shares={OLD: 100})), rollback()) == Claim("bob", "ann")


def test_two_walks_at_once_are_refused() -> None:
    one = at(5, releases=(release(OLD), release(NEW), release("place-order-v044")))
    step = decide(one, promote(release="place-order-v044"))
    assert isinstance(step, Refuse)
    assert f"{NEW} is on its way (5%, begun by ann)" in step.why


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ({"alarms": ("Latency",)}, "is in alarm: Latency"),
        ({"healthy": 0}, "has traffic and no healthy target"),
    ],
)
def test_a_candidate_that_fails_takes_its_traffic_back_at_once(
    what: dict[str, object], why: str
) -> None:
    step = decide(change(at(5), NEW, **what), promote())
    assert isinstance(step, Route)
    assert step.traffic == Traffic(shares={OLD: 100})
    assert why in step.why


def test_an_alarm_of_the_service_takes_it_back_whoever_is_at_fault() -> None:
    step = decide(at(5, alarms=("ErrorRate",)), promote())
    assert isinstance(step, Route)
    assert "place-order is in alarm: ErrorRate" in step.why
    back = Shift(by="ann", why="", release=OLD, percent=100)
    assert isinstance(decide(at(5, alarms=("ErrorRate",)), back), Record)


def test_nothing_begins_while_the_service_is_in_alarm() -> None:
    one = seen(alarms=("ErrorRate",), holder=held_by("ann"))
    for ask in (promote(), Shift(by="ann", why="", release=NEW, percent=5)):
        step = decide(one, ask)
        assert isinstance(step, Refuse)
        assert "place-order is in alarm: ErrorRate" in step.why
    assert isinstance(decide(at(0, alarms=("ErrorRate",)), promote()), Wait)


def test_the_judge_takes_it_back_too_and_it_does_not_come_again_by_itself() -> None:
    last, after = end(at(5), promote(), lambda one: judged(one, Judged.FAIL))
    assert after.live == after.recorded == Traffic(shares={OLD: 100})
    assert isinstance(last, Refuse)
    assert "was rolled back (the judge fails" in last.why
    again, _ = end(after, promote(again=True))
    assert isinstance(again, Done)


def test_an_undecided_judge_waits_and_then_stops_where_it_is() -> None:
    last, after = end(at(5), promote(), lambda one: judged(one, Judged.INCONCLUSIVE))
    assert isinstance(last, Stop)
    assert "undecided" in last.why
    assert after.live == after.recorded == FIVE
    assert after.now >= NOON + timedelta(hours=1)


def test_a_verdict_on_an_earlier_rung_counts_for_nothing() -> None:
    one = passes(at(1))
    assert one.walk
    moved = replace(one, now=SOON, walk=replace(one.walk, since=NOON + timedelta(minutes=1)))
    step = decide(replace(moved, holder=held_by("ann", SOON)), promote())
    assert isinstance(step, Wait)
    assert "the judge has said nothing" in step.why


def test_a_share_is_not_given_to_fewer_instances_than_it_takes() -> None:
    one = change(passes(at(5, now=SOON, holder=held_by("ann", SOON))), NEW, healthy=2)
    step = decide(one, promote())
    assert step == Wait(f"{NEW} has 2 healthy targets and needs 3 for 25%")
    assert isinstance(decide(change(one, NEW, healthy=3), promote()), Record)


def test_testers_alone_are_no_traffic_to_take_back() -> None:
    step = decide(change(at(0), NEW, alarms=("Latency",)), promote())
    assert step == Stop(f"{NEW} is in alarm: Latency")


def test_while_it_waits_the_parameters_say_what_the_rule_says() -> None:
    """Or else the next update of any kind would move traffic that no gate has let pass."""
    step = decide(at(1, recorded=FIVE), promote())
    assert step == Record(Traffic(shares={OLD: 99, NEW: 1}))


def test_a_move_that_is_not_ours_is_told_and_not_repeated() -> None:
    step = decide(at(1, live=Traffic(shares={OLD: 50, NEW: 50})), promote())
    assert isinstance(step, Refuse)
    assert "something else moves traffic" in step.why


def test_a_service_without_traffic_has_nothing_to_walk_away_from() -> None:
    one = seen(live=Traffic(), recorded=Traffic(), holder=held_by("ann"))
    step = decide(one, promote())
    assert isinstance(step, Refuse)
    assert "release deploy puts a first one in service" in step.why


def test_at_the_top_nobody_is_apart_from_the_others() -> None:
    apart = Traffic(shares={NEW: 100}, cohort=NEW)
    one = at(100, live=apart, recorded=apart, walk=walk(reached=100, cohort=True))
    last, after = end(one, promote())
    assert isinstance(last, Done)
    assert after.live == after.recorded == Traffic(shares={NEW: 100})


def test_a_step_settles_what_another_left_unsettled() -> None:
    assert decide(at(1, settled=False), promote()) == Settle()


def test_the_holder_renews_nothing_of_somebody_else() -> None:
    holder = Holder(who="ann", doing="x", since=NOON, until=NOON)
    assert decide(at(1, holder=holder), promote()) == Claim("ann")
