"""One agent of all sees to the ring's manifests, whatever its own node's backup does."""

from pathlib import Path

import pytest

from paved_road_ring_backup.overseer import look_seconds
from paved_road_ring_backup.store import Store
from tests.backup.small_ring import SmallRing
from tests.backup.stories import HOUR, PAST


@pytest.fixture
def ring(tmp_path: Path, store: Store) -> SmallRing:
    return SmallRing(tmp_path, store)


def test_a_run_of_hours_neither_holds_up_the_rings_manifest_nor_takes_its_lease_along(
    ring: SmallRing, store: Store
) -> None:
    ring.ticks("a0")
    ring.ticks()
    manifests = []
    for _ in range(4 * 60):
        ring.later(30)
        ring.ticks("a1", "b0", "b1", "c0", "c1")
        # Its own run goes on and on meanwhile.
        ring.look("a0")
        ring.backups["a0"].duties[1].tick()
        if ring.now % HOUR == 0:
            manifests.append(store.newest_set(PAST, int(ring.now)))
    assert len({one.moment for one in manifests if one}) == 2
    assert ring.backups["a0"].gauges(ring.now).slots_missing == 0


def test_what_was_known_of_the_ring_long_ago_is_no_knowledge(ring: SmallRing) -> None:
    ring.ticks("a0")
    found = ring.backups["a0"]
    assert found.gauges(ring.now + 120).slots_missing == 5
    assert found.gauges(ring.now + 121).slots_missing is None


def test_who_loses_the_lease_says_nothing_of_the_ring_any_more(ring: SmallRing) -> None:
    ring.ticks("a0", "a1")
    ring.later(61)
    ring.ticks("a1", "a0")
    assert ring.backups["a0"].gauges(ring.now).slots_missing is None
    assert ring.backups["a1"].gauges(ring.now).slots_missing == 4


@pytest.mark.parametrize(("slots", "seconds"), [(3, 30), (100, 30), (500, 150), (10_000, 300)])
def test_a_large_ring_is_looked_at_less_often(slots: int, seconds: float) -> None:
    assert look_seconds(slots) == seconds


def test_why_a_ring_is_not_whole_is_said_once_and_briefly(
    ring: SmallRing, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(3):
        ring.look("a0")
        ring.backups["a0"].duties[1].tick()
        ring.later(30)
    (told,) = [one.getMessage() for one in caplog.records if "no whole backup" in one.msg]
    assert told.count("has no backup under epoch 1") == 5
    assert told.endswith("; and 1 more")
