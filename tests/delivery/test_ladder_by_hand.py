"""What people ask for besides a promotion: shares by hand, holding, retiring."""

from dataclasses import replace
from datetime import timedelta

from paved_road_delivery.ladder import Ended, Hold, Retire, Shift, Traffic, decide
from paved_road_delivery.ladder.steps import (
    Claim,
    Delete,
    Done,
    Keep,
    Raise,
    Refuse,
    Route,
)
from tests.delivery.walks import (
    NEW,
    NOON,
    OLD,
    at,
    change,
    end,
    held_by,
    promote,
    release,
    seen,
    steps,
    walk,
)

SOON = NOON + timedelta(minutes=30)
LATER = NOON + timedelta(hours=2)
FIVE = Traffic(shares={OLD: 95, NEW: 5})


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
