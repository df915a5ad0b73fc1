"""Through any weather: health, alarms, verdicts, updates and deaths come as they like."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from paved_road_delivery.contract import baseline_name
from paved_road_delivery.ladder import Seen, Traffic, decide
from paved_road_delivery.ladder.gates import needed
from paved_road_delivery.ladder.seen import Judged, Stack
from paved_road_delivery.ladder.steps import Done, Route
from tests.delivery.walks import (
    LEASE,
    NEW,
    OLD,
    change,
    do,
    end,
    judged,
    later,
    passes,
    promote,
    rollback,
    seen,
)

MADE = baseline_name(OLD)
EVENTS = st.tuples(
    st.sampled_from(["health", "alarm", "verdict", "update", "lapse", "fine", "fine"]),
    st.sampled_from([OLD, NEW, MADE]),
    st.integers(0, 12),
)


@given(events=st.lists(EVENTS, max_size=60), copies=st.booleans())
def test_through_any_weather_no_step_up_was_let_pass_by_a_closed_gate(
    events: list[tuple[str, str, int]], copies: bool
) -> None:
    """Whoever gets more is healthy, complete and large enough at that very moment."""
    one = seen()
    for event, name, number in events:
        one = _weather(one, event, name, number)
        step = decide(one, promote(copies=copies))
        after = do(one, step)
        if isinstance(step, Route):
            for joining in (NEW, MADE):
                gets_more_only_if_ready(one, joining, after)
        assert sum(after.live.shares.values()) == 100
        one = after
    nothing_is_left_of_it(one)


def gets_more_only_if_ready(one: Seen, name: str, after: Seen) -> None:
    if after.live.share(name) > one.live.share(name):
        found = one.release(name)
        assert found
        assert found.whole
        assert found.healthy >= needed(after.live.share(name), one.full)
        assert name == MADE or not found.alarms


def nothing_is_left_of_it(one: Seen) -> None:
    """Once the weather is fine again, a rollback is one to its end."""
    for name in (OLD, NEW, MADE):
        one = change(one, name, healthy=12, alarms=())
    last, one = end(one, rollback(to=OLD))
    assert isinstance(last, Done)
    assert one.live == Traffic(shares={OLD: 100})
    made = one.release(MADE)
    assert made is None or made.stack is Stack.GOING


def _weather(one: Seen, event: str, name: str, number: int) -> Seen:
    if event == "update":
        return replace(one, live=one.recorded, settled=True)
    if event == "lapse":
        return later(one, one.now + LEASE * number)
    if event == "fine":
        return passes(later(one, one.now + timedelta(minutes=15)))
    if event == "verdict":
        return judged(one, (Judged.PASS, Judged.FAIL, Judged.INCONCLUSIVE)[number % 3])
    changed: dict[str, dict[str, Any]] = {
        "health": {"healthy": number},
        "alarm": {"alarms": ("Latency",) * (number % 2)},
    }
    return change(one, name, **changed[event])
