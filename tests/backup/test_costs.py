"""An estimate that a person can follow by hand."""

import pytest

from paved_road_ring_backup.costs import Costs


def test_a_terabyte_that_never_changes_costs_its_storage() -> None:
    alone = Costs(bytes_stored=1e12, changed_per_day=0, kept_days=90, copied=False)
    assert alone.total == pytest.approx(23)
    copied = Costs(bytes_stored=1e12, changed_per_day=0, kept_days=90, copied=True)
    assert copied.total == pytest.approx(46)


def test_what_changes_is_kept_by_age_and_sent() -> None:
    found = Costs(bytes_stored=1e12, changed_per_day=0.1, kept_days=100, copied=False)
    # 100 GB a day: 30 days at 0.023, 60 at 0.0125, 10 at 0.004.
    assert found.storage == pytest.approx(23 + 100 * (30 * 0.023 + 60 * 0.0125 + 10 * 0.004))
    assert found.requests == pytest.approx(100 * 30.4 * 125 * 0.000005)
