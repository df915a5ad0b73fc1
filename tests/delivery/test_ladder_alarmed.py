"""An alarm takes back what was promoted lately, and nothing else, and never to nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_delivery.contract import baseline_name
from paved_road_delivery.ladder import Ended, Rollback, Seen, Traffic
from paved_road_delivery.ladder.alarmed import BY, WATCHED, alarmed
from paved_road_delivery.ladder.steps import Done, Route
from tests.delivery.walks import (
    NEW,
    NOON,
    OLD,
    at,
    change,
    end,
    everything_moved,
    held_by,
    release,
    seen,
    steps,
    walk,
)

ALARM = f"acme-us-east-1-release-{NEW}-MonitoringErrorRate-ABC"
FAILING = release(NEW, minimum=10, alarms=(ALARM,))


def failing(percent: int) -> Seen:
    return change(at(percent), NEW, alarms=(ALARM,))


def served(since: timedelta, **given: object) -> Seen:
    """Promoted to the end that long ago, the old one held."""
    one = at(100, walk=walk(reached=100, ended=Ended.IN_SERVICE), **given)
    one = replace(one, now=NOON + since, holder=None)
    held = change(one, OLD, held_until=NOON + timedelta(days=7))
    return change(held, NEW, alarms=(ALARM,))


def why_not(one: Seen) -> str:
    found = alarmed(one, ALARM)
    assert isinstance(found, str)
    return found


def asked(one: Seen) -> Rollback:
    found = alarmed(one, ALARM)
    assert isinstance(found, Rollback), found
    return found


@pytest.mark.parametrize("percent", [1, 5, 25, 100])
def test_a_failing_release_goes_back_from_every_rung_rule_first(percent: int) -> None:
    one = failing(percent)
    ask = asked(one)
    assert ALARM in ask.why
    (first, _), *_ = steps(one, ask)
    assert first == Route(Traffic(shares={OLD: 100}), ask.why)
    last, after = end(one, ask)
    assert isinstance(last, Done)
    assert after.walk
    assert (after.live, after.recorded) == (Traffic(shares={OLD: 100}),) * 2
    assert after.walk.ended is Ended.ROLLED_BACK


def test_the_services_alarm_takes_back_who_has_traffic() -> None:
    assert asked(replace(at(5), alarms=("acme-us-east-1-service-place-order-x",)))


@given(st.sampled_from([1, 5, 25, 100]), st.integers(0, 20), st.booleans())
def test_whoever_goes_on_after_a_death_at_any_step_ends_at_the_same(
    percent: int, at_step: int, over: bool
) -> None:
    """Even if the alarm is over by then, since nobody gets the traffic any more."""
    one = failing(percent)
    whole = [after for _, after in steps(one, asked(one))]
    stopped = whole[min(at_step, len(whole) - 1)]
    if over:
        stopped = change(stopped, NEW, alarms=())
    again = alarmed(stopped, ALARM)
    after = end(stopped, again)[1] if isinstance(again, Rollback) else stopped
    assert everything_moved(after)[:4] == everything_moved(whole[-1])[:4]


@given(st.integers(0, 20))
def test_the_same_once_it_is_in_service(at_step: int) -> None:
    one = served(timedelta(minutes=10))
    whole = [after for _, after in steps(one, asked(one))]
    stopped = change(whole[min(at_step, len(whole) - 1)], NEW, alarms=())
    later = replace(stopped, now=stopped.now + 2 * WATCHED)
    again = alarmed(later, ALARM)
    after = end(later, again)[1] if isinstance(again, Rollback) else later
    done = everything_moved(after)[:3] == everything_moved(whole[-1])[:3]
    # The rule was not changed yet when it died, and the alarm is over: there is nothing to go on.
    assert done or stopped.live == one.live


def test_what_serves_for_long_is_a_persons() -> None:
    assert asked(served(WATCHED))
    assert "too long" in why_not(served(WATCHED + timedelta(seconds=1)))


def test_a_baseline_that_answers_nobody_takes_the_walk_back_and_is_left_standing() -> None:
    """Who looks for alarms may move traffic and delete nothing."""
    base = baseline_name(OLD)
    one = at(5, walk=walk(reached=5, baseline=base))
    one = replace(one, live=Traffic(shares={OLD: 90, NEW: 5, base: 5}))
    well = replace(one, releases=(*one.releases, release(base, alarms=(ALARM,))))
    assert "alarm is over" in why_not(well)
    dead = change(well, base, healthy=0)
    last, after = end(dead, asked(dead))
    assert isinstance(last, Done)
    assert after.live == Traffic(shares={OLD: 100})
    assert after.release(base)


def test_nobody_goes_back_to_nobody() -> None:
    assert "no healthy target" in why_not(change(failing(25), OLD, healthy=0))
    gone = replace(failing(25), releases=(FAILING,))
    assert "no healthy target" in why_not(gone)


def test_a_release_that_is_not_held_gets_nothing_back() -> None:
    one = served(timedelta(minutes=1))
    assert "not held" in why_not(change(one, OLD, held_until=None))
    assert "not held" in why_not(change(one, OLD, held_until=one.now))


def test_without_a_walk_that_has_traffic_there_is_nothing_to_do() -> None:
    assert "nothing was promoted" in why_not(seen(releases=(release(OLD), FAILING)))
    assert "no traffic yet" in why_not(failing(0))
    back = replace(failing(0), walk=walk(reached=5, ended=Ended.ROLLED_BACK))
    assert "rolled back already" in why_not(back)


def test_an_alarm_that_is_over_moves_nothing() -> None:
    assert "is over" in why_not(at(25))
    assert "is over" in why_not(change(served(timedelta(minutes=1)), NEW, alarms=()))


def test_a_shift_by_hand_is_not_taken_for_a_rollback_that_died() -> None:
    one = change(served(timedelta(minutes=1)), NEW, alarms=())
    shifting = replace(one, live=Traffic(shares={OLD: 100}), holder=held_by("bob", one.now))
    assert "is over" in why_not(shifting)
    assert asked(replace(shifting, holder=held_by(BY, one.now)))
