"""Whether a whole ring can be brought back to a moment: what all of its slots' logs have."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.log_keys import Piece
from paved_road_ring_backup.log_retention import kept_logs
from paved_road_ring_backup.log_store import read_point
from paved_road_ring_backup.point import point_plan
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.store import Store
from tests.agent.scenes import SLOTS, slot
from tests.backup.shipments import Writer, logs, owner
from tests.backup.stories import DAY, HOUR, NOON, manifests
from tests.backup.whole import NODES, whole

SET = whole(NODES)


ALL = dict.fromkeys(SLOTS, 100)


def test_all_slots_replay_what_they_wrote_since_the_set() -> None:
    plan = point_plan(SET, logs(ALL), NOON + 100)
    assert set(plan) == {slot(name) for name in SLOTS}
    assert all(one.size > 0 and not one.faults for one in plan.values())


def test_a_rack_may_lack_its_logs_since_a_quorum_is_in_the_others() -> None:
    plan = point_plan(SET, logs(ALL | {"a0": 20, "a1": 50}), NOON + 100)
    assert plan[slot("a0")].holes == ((NOON + 20, NOON + 100),)


@pytest.mark.parametrize(
    ("until", "latest"),
    [
        (dict.fromkeys(SLOTS, 90), "20251125T120130Z"),
        (ALL | {"a0": 20, "b1": 50}, "20251125T120050Z"),
        ({name: 100 for name in SLOTS if name[0] == "a"}, "20251125T120000Z"),
        ({}, "20251125T120000Z"),
    ],
)
def test_two_racks_without_logs_at_one_time_are_refused_with_the_latest_moment(
    until: dict[str, int], latest: str
) -> None:
    with pytest.raises(RestoreRefusedError, match=f"latest moment .* is {latest}$"):
        point_plan(SET, logs(until), NOON + 100)


def test_two_racks_that_lack_logs_at_different_times_are_no_matter() -> None:
    first = logs(ALL | {"a0": 30})
    again = [replace(one, owner=owner(2, "a0")) for one in logs({"a0": 100}, start=40)[slot("a0")]]
    first[slot("a0")] += again
    second = logs({"b0": 100}, start=50)[slot("b0")]
    first[slot("b0")] = [*logs({"b0": 40})[slot("b0")]]
    first[slot("b0")] += [replace(one, owner=owner(2, "b0")) for one in second]
    plan = point_plan(SET, first, NOON + 100)
    assert plan[slot("a0")].holes == ((NOON + 30, NOON + 40),)
    assert plan[slot("b0")].holes == ((NOON + 40, NOON + 50),)


def test_a_set_with_later_rows_and_a_ring_that_has_grown_since_are_refused() -> None:
    parts = tuple(replace(one, facts=replace(one.facts, taken=NOON + 30)) for one in SET.parts)
    late = replace(SET, parts=parts)
    with pytest.raises(RestoreRefusedError, match="has rows from until 20251125T120030Z"):
        point_plan(late, logs(ALL), NOON + 29)
    assert point_plan(late, logs(ALL), NOON + 30)
    grown = logs(ALL) | logs({"a2": 100}, start=60)
    with pytest.raises(RestoreRefusedError, match="the ring grew at 20251125T120100Z"):
        point_plan(SET, grown, NOON + 100)
    assert point_plan(SET, grown, NOON + 50)


def test_it_is_read_from_the_bucket(store: Store) -> None:
    found = logs(dict.fromkeys(SLOTS, 20))
    for pieces in found.values():
        for one in pieces:
            store.put(one.key, b"")
    assert read_point(store, SET, NOON + 20) == point_plan(SET, found, NOON + 20)


def daily_logs() -> dict[Slot, list[Piece]]:
    """A shipment every day, an hour after noon."""
    writer = Writer(epoch=1)
    for day in range(32):
        writer.write(day * DAY + HOUR)
        writer.ship(day * DAY + HOUR)
    return {
        slot(name): [replace(one, owner=owner(1, name)) for one in writer.pieces] for name in SLOTS
    }


@given(st.sets(st.integers(0, 30), min_size=1), st.integers(0, 40), st.integers(0, 31))
def test_what_is_kept_brings_the_ring_back_to_any_moment_of_the_window(
    days: set[int], since: int, at: int
) -> None:
    sets = [whole(manifests(NOON + day * DAY)) for day in days]
    found = daily_logs()
    every = [one for pieces in found.values() for one in pieces]
    kept = kept_logs(sets, every, NOON + since * DAY, "one")
    left = {one: [piece for piece in pieces if piece in kept] for one, pieces in found.items()}
    moment = NOON + at * DAY + HOUR
    before = [one for one in sets if one.settled <= moment]
    if before and at >= since:
        newest = max(before, key=lambda one: one.settled)
        assert point_plan(newest, left, moment) == point_plan(newest, found, moment)


def test_logs_from_before_the_window_go_but_for_the_last_shipment_before_the_set() -> None:
    sets = [whole(manifests(NOON + day * DAY)) for day in (3, 10, 20)]
    every = daily_logs()[slot("a0")]
    kept = kept_logs(sets, every, NOON + 15 * DAY, "one")
    # Of each segment what stands before it is kept too: a segment is read from its beginning.
    assert min(one.moment for one in kept) == NOON + 9 * DAY + HOUR
    assert kept_logs([], every, NOON, "two") == frozenset()
    assert kept_logs([], every, NOON + 99 * DAY, "one") == {*every}
