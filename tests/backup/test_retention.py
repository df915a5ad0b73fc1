"""Which moments can be gone back to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_backup.retention import Keep, kept
from tests.backup.stories import DAY, HOUR, NOON

moments = st.sets(st.integers(NOON - 200 * DAY, NOON), max_size=60)
keeps = st.builds(Keep, hourly=st.integers(0, 5), daily=st.integers(0, 5), weekly=st.integers(0, 5))


def test_the_newest_of_each_hour_day_and_week_is_kept() -> None:
    every_ten_minutes = range(NOON - 30 * DAY, NOON, 600)
    found = sorted(kept(every_ten_minutes, Keep(hourly=2, daily=2, weekly=3)), reverse=True)
    # Noon is Tuesday's: the last of 11, of 10, of Monday, of last Sunday's and the one before.
    assert [NOON - one for one in found] == [
        600,
        HOUR + 600,
        12 * HOUR + 600,
        DAY + 12 * HOUR + 600,
        8 * DAY + 12 * HOUR + 600,
    ]


@given(moments, keeps)
def test_never_more_than_asked_for_and_always_the_newest(found: set[int], keep: Keep) -> None:
    stays = kept(found, keep)
    assert stays <= found
    assert len(stays) <= max(1, keep.hourly + keep.daily + keep.weekly)
    assert not found or max(found) in stays


@given(moments, keeps, st.integers(1, 10 * DAY))
def test_what_a_purge_dropped_is_never_wanted_again(
    found: set[int], keep: Keep, later: int
) -> None:
    """Keeping of what was kept and what came since is keeping of all."""
    since = found | {NOON + later}
    assert kept(kept(found, keep) | {NOON + later}, keep) == kept(since, keep)


def test_a_ring_whose_backups_fail_keeps_what_it_had() -> None:
    assert kept({NOON - 400 * DAY, NOON - 500 * DAY}, Keep()) == {
        NOON - 400 * DAY,
        NOON - 500 * DAY,
    }
    assert kept((), Keep()) == frozenset()


def test_counts_that_cannot_be_are_refused_together() -> None:
    with pytest.raises(ValueError, match=r"hourly must not be negative, got -1; weekly .* -2"):
        Keep(hourly=-1, weekly=-2)
