"""Situation by situation: what the ladder does next, and what it says."""

from dataclasses import replace
from datetime import timedelta

import pytest

from paved_road_delivery.ladder import Ended, Hold, Holder, Retire, Shift, Traffic, decide
from paved_road_delivery.ladder.asks import LADDER, NO_COHORT
from paved_road_delivery.ladder.seen import Judged
from paved_road_delivery.ladder.steps import (
    Begin,
    Claim,
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
    step = decide(change(at(0), NEW, alarms=("NoHealthyTargets",)), promote())
    assert step == Stop(f"{NEW} is in alarm: NoHealthyTargets")


def test_while_it_waits_the_parameters_say_what_the_rule_says() -> None:
    """Or else the next update of any kind would move traffic that no gate has let pass."""
    step = decide(at(1, recorded=FIVE), promote())
    assert step == Record(Traffic(shares={OLD: 99, NEW: 1}))


def test_a_move_that_is_not_ours_is_told_and_not_repeated() -> None:
    step = decide(at(1, live=Traffic(shares={OLD: 50, NEW: 50})), promote())
    assert isinstance(step, Refuse)
    assert "something else moves traffic" in step.why


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


def test_a_shift_by_hand_needs_no_judge_but_capacity() -> None:
    ask = Shift(by="ann", why="by hand", release=NEW, percent=50)
    last, after = end(seen(), ask, lambda one: one)
    assert isinstance(last, Done)
    assert after.live == after.recorded == Traffic(shares={OLD: 50, NEW: 50})
    step = decide(change(seen(holder=held_by("ann")), NEW, healthy=4), ask)
    assert step == Refuse(f"{NEW} has 4 healthy targets and needs 5 for 50%")
    step = decide(change(seen(holder=held_by("ann")), NEW, alarms=("Latency",)), ask)
    assert step == Refuse(f"{NEW} is in alarm: Latency: {NEW} gets no more traffic")


def test_a_promotion_goes_on_where_a_shift_by_hand_ended() -> None:
    _, after = end(seen(), Shift(by="ann", why="", release=NEW, percent=10))
    routed = [s.traffic.share(NEW) for s, _ in steps(after, promote()) if isinstance(s, Route)]
    assert routed == [25, 100]


def test_shifting_the_old_one_is_shifting_the_new_one() -> None:
    _, after = end(at(25), Shift(by="ann", why="", release=OLD, percent=99))
    assert after.live == Traffic(shares={OLD: 99, NEW: 1})
    assert after.walk
    assert after.walk.reached == 1


def test_a_shift_of_an_only_release_is_refused() -> None:
    one = seen(releases=(release(OLD),), holder=held_by("ann"))
    step = decide(one, Shift(by="ann", why="", release=OLD, percent=50))
    assert isinstance(step, Refuse)
    assert "no other release" in step.why


def test_a_service_without_traffic_has_nothing_to_walk_away_from() -> None:
    one = seen(live=Traffic(), recorded=Traffic(), holder=held_by("ann"))
    step = decide(one, promote())
    assert isinstance(step, Refuse)
    assert "release deploy puts a first one in service" in step.why


def test_holding_marks_and_enlarges() -> None:
    ask = Hold(by="ann", why="", release=OLD, until=LATER)
    assert [type(step) for step, _ in steps(seen(walk=walk(ended=Ended.IN_SERVICE)), ask)] == [
        Claim,
        Keep,
        Raise,
        Done,
    ]


def test_retiring_is_dry_first() -> None:
    one = at(100, walk=walk(ended=Ended.IN_SERVICE))
    ask = Retire(by="ann", why="", release=OLD)
    step = decide(one, ask)
    assert isinstance(step, Done)
    assert "would delete" in step.why
    assert decide(one, replace(ask, confirmed=True)) == Delete(OLD)
    assert isinstance(end(one, replace(ask, confirmed=True))[0], Done)


def test_a_step_settles_what_another_left_unsettled() -> None:
    assert decide(at(1, settled=False), promote()) == Settle()


def test_the_holder_renews_nothing_of_somebody_else() -> None:
    holder = Holder(who="ann", doing="x", since=NOON, until=NOON)
    assert decide(at(1, holder=holder), promote()) == Claim("ann")
