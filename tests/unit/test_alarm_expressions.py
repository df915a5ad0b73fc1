"""Metric maths: what the library's alarms say, missing values, and what is refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_lab.alarms.expression import UnknownExpressionError, evaluate

numbers = st.integers(min_value=0, max_value=10_000)
maybe = st.none() | numbers


@given(maybe, maybe, maybe)
def test_a_percentage_of_filled_counts_is_missing_only_without_a_whole(
    part: int | None, more: int | None, whole: int | None
) -> None:
    found = evaluate(
        "100 * (FILL(part, 0) + FILL(more, 0)) / whole",
        {"part": part, "more": more, "whole": whole},
    )
    if not whole:
        assert found is None
    else:
        assert found == 100 * ((part or 0) + (more or 0)) / whole


@given(numbers, numbers)
def test_a_condition_chooses_and_a_missing_one_chooses_nothing(one: int, two: int) -> None:
    expression = "IF(one >= 3, one - two, 0)"
    assert evaluate(expression, {"one": one, "two": two}) == (one - two if one >= 3 else 0)
    assert evaluate(expression, {"one": None, "two": two}) is None


@pytest.mark.parametrize(
    "expression",
    [
        "SUM(METRICS())",
        "ANOMALY_DETECTION_BAND(m1, 2)",
        "SELECT AVG(x) FROM y",
        "m1 ** 2",
        "m2",
        "FILL(m1, REPEAT)",
        "IF(m1, 1)",
        "'text'",
        "",
        "__import__('os')",
    ],
)
def test_whatever_else_is_refused(expression: str) -> None:
    with pytest.raises(UnknownExpressionError, match="not known here"):
        evaluate(expression, {"m1": 1})


def test_both_branches_are_looked_into() -> None:
    with pytest.raises(UnknownExpressionError, match="RATE"):
        evaluate("IF(m1 > 5, RATE(m1), 0)", {"m1": 1})
