"""A release whose only alarm is that it was not healthy for long: every release begins so."""

from datetime import timedelta

from paved_road_delivery.ladder import Seen, Traffic, decide
from paved_road_delivery.ladder.steps import Done, Route, Stop, Wait
from tests.delivery.walks import NEW, NOON, OLD, at, change, end, passes, promote, seen

HEALTH, OTHER = (
    f"acme-us-east-1-release-{NEW}-{one}1A2B-X" for one in ("NoHealthyTargets", "Latency")
)


def test_a_release_that_was_just_deployed_is_waited_for() -> None:
    young = change(at(0), NEW, alarms=(HEALTH,))
    step = decide(young, promote())
    assert isinstance(step, Wait)
    assert "as every release is at first" in step.why
    assert isinstance(decide(change(young, NEW, alarms=(HEALTH, OTHER)), promote()), Stop)
    well = NOON + timedelta(minutes=7)

    def heals(one: Seen) -> Seen:
        return passes(change(one, NEW, alarms=(HEALTH,) if one.now < well else ()))

    last, after = end(seen(), promote(), heals)
    assert isinstance(last, Done)
    assert after.live == Traffic(shares={NEW: 100})


def test_a_release_that_never_gets_healthy_is_waited_for_as_long_as_patience_lasts() -> None:
    asked = promote(patience=timedelta(minutes=20))
    last, after = end(seen(), asked, lambda one: change(one, NEW, alarms=(HEALTH,)))
    assert last == Stop(f"{NEW} is in alarm: {HEALTH}")
    assert after.now == NOON + asked.patience
    assert after.live == after.recorded == Traffic(shares={OLD: 100})


def test_once_it_has_traffic_that_alarm_takes_it_back_like_any_other() -> None:
    step = decide(change(at(1), NEW, alarms=(HEALTH,)), promote())
    assert isinstance(step, Route)
    assert step.traffic == Traffic(shares={OLD: 100})
