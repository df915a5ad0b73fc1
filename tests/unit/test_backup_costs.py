"""An estimate that a person can follow by hand."""

import pytest

from paved_road_ring.backup_costs import COLD_AFTER_DAYS, COOL_AFTER_DAYS, Stored, costs
from paved_road_ring_backup.bandwidth import PART_BYTES
from tests.backup.stories import DAY, NOON, run
from tests.synth.backups import backup
from tests.templates import of_type

TERABYTE = 10**12


def stored(size: int, days: float, key: str = run("a0").object("aa")) -> Stored:
    return Stored(key=key, size=size, written=NOON - days * DAY)


def test_what_stays_gets_cheaper_with_age_unless_it_is_small() -> None:
    assert costs([stored(TERABYTE, 10)], NOON).usd_per_month == pytest.approx(23)
    assert costs([stored(TERABYTE, 31)], NOON).usd_per_month == pytest.approx(12.5)
    assert costs([stored(TERABYTE, 91)], NOON).usd_per_month == pytest.approx(4)
    small = [stored(100_000, 91) for _ in range(100)]
    assert costs(small, NOON).usd_per_month == pytest.approx(0.023 * 0.01)


def test_a_days_requests_are_a_months_by_thirty_and_large_contents_take_one_a_part() -> None:
    pieces = [stored(0, 0.5, "rings/orders/dc/one/logs/a/0000/0000000001/x")] * 8_640
    found = costs(pieces, NOON)
    assert found.requests == pytest.approx(8_640 * 30.4 * 0.000005)
    assert (found.logs.objects, found.backups.objects) == (8_640, 0)
    large = costs([stored(3 * PART_BYTES + 1, 0.5)], NOON)
    assert large.requests == pytest.approx(6 * 30.4 * 0.000005)
    assert costs([stored(3 * PART_BYTES, 2)], NOON).requests == 0


def test_copies_cost_the_same_again_and_their_way() -> None:
    assert costs([stored(TERABYTE, 10)], NOON).copies == pytest.approx(23)
    new = costs([stored(10**9, 0.5)], NOON)
    assert new.copies == pytest.approx(new.usd_per_month + 30.4 * (0.02 + 0.015))


def test_ages_are_those_of_the_buckets_lifecycle() -> None:
    buckets = of_type(backup(), "AWS::S3::Bucket").values()
    rules = [
        rule
        for one in buckets
        for rule in one["LifecycleConfiguration"]["Rules"]
        if "Transitions" in rule
    ]
    (found,) = {
        tuple((step["StorageClass"], step["TransitionInDays"]) for step in rule["Transitions"])
        for rule in rules
    }
    assert found == (("STANDARD_IA", COOL_AFTER_DAYS), ("GLACIER_IR", COLD_AFTER_DAYS))
