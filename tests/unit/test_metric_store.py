"""Metrics are kept as they were told, answered by period, and never without bound."""

import math
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from paved_road_lab.extensions.metric_store import (
    MINUTES_KEPT,
    SECONDS_KEPT,
    Point,
    Series,
    Store,
    statistic,
)

KEY = ("Space", "Name", frozenset({("Of", "it")}))
values = st.lists(st.integers(min_value=-1000, max_value=1000), min_size=1, max_size=50)


def point(*values: float) -> Point:
    made = Point()
    for value in values:
        made.add(value)
    return made


def said(name: str, made: Point) -> float | None:
    how = statistic(name)
    assert how
    return how(made)


@given(values, st.integers(min_value=0, max_value=50))
def test_points_that_are_merged_say_what_one_of_all_says(measured: list[int], cut: int) -> None:
    merged = point(*measured[:cut])
    merged.merge(point(*measured[cut:]))
    assert said("Sum", merged) == sum(measured)
    assert said("SampleCount", merged) == len(measured)
    assert said("Minimum", merged) == min(measured)
    assert said("Maximum", merged) == max(measured)
    assert said("Average", merged) == sum(measured) / len(measured)


@given(values, st.integers(min_value=1, max_value=100))
def test_a_percentile_has_that_many_at_or_below_it_and_no_fewer(
    measured: list[int], percent: int
) -> None:
    found = said(f"p{percent}", point(*measured))
    assert found in measured
    rank = math.ceil(Fraction(len(measured) * percent, 100))
    assert sum(one <= found for one in measured) >= rank
    assert sum(one < found for one in measured) < rank


def test_sums_alone_have_no_percentile_and_other_statistics_are_not_known() -> None:
    assert said("p99", Point(count=3, total=6, least=1, most=3)) is None
    assert statistic("tm99") is None
    assert statistic("p") is None


@given(
    st.dictionaries(st.integers(min_value=1200, max_value=1800), st.integers(0, 9), min_size=1),
    st.sampled_from([1, 5, 60, 300]),
)
def test_periods_hold_all_that_was_told_in_them(told: dict[int, int], period: int) -> None:
    series = Series()
    for second, value in told.items():
        series.add(second, point(value))
    found = dict(series.points(1200, 1801, period))
    assert sum(one.total for one in found.values()) == sum(told.values())
    for start, one in found.items():
        assert start % period == 0
        assert one.total == sum(
            value for second, value in told.items() if start <= second < start + period
        )


def test_old_points_go_and_new_ones_stay() -> None:
    series = Series()
    newest = 60 * (MINUTES_KEPT + 5)
    for second in range(newest):
        series.add(second, point(1))
    fine = dict(series.points(0, newest, 1))
    assert (min(fine), len(fine)) == (newest - SECONDS_KEPT, SECONDS_KEPT)
    coarse = dict(series.points(0, newest, 60))
    assert (min(coarse), len(coarse)) == (60 * 5, MINUTES_KEPT)
    assert {one.total for one in coarse.values()} == {60}


def test_a_store_answers_for_what_was_told_alone() -> None:
    store = Store()
    store.add(KEY, 7, point(1))
    assert store.newest("Space") is None, "the rest of that second may still come"
    store.told("Space", 7)
    store.told("Space", 5)
    assert store.newest("Space") == 7
    assert [second for second, _ in store.points(KEY, 0, 60, 60)] == [0]
    assert store.points(("Space", "Other", KEY[2]), 0, 60, 60) == []
    assert list(store) == [KEY]
