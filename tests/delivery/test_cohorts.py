"""Users keep their place, and shares are as large as they say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_delivery.cohorts import is_in, place

percentages = st.floats(0, 100)

VECTORS = {"ann": 49.867914464912, "Zoë": 42.417316348052}
"""From node's crypto and from coreutils, by the rule that the module states."""


@given(st.text(), st.text())
def test_everybody_has_one_place(user: str, of: str) -> None:
    assert 0 <= place(user, of=of) < 100
    assert place(user, of=of) == place(user, of=of)


@given(st.text(), percentages, percentages)
def test_who_is_in_a_smaller_share_is_in_a_larger_one(user: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert is_in(user, large, of="place-order") or not is_in(user, small, of="place-order")


@given(st.text())
def test_nobody_is_in_nothing_and_everybody_in_everything(user: str) -> None:
    assert not is_in(user, 0, of="place-order")
    assert is_in(user, 100, of="place-order")


@pytest.mark.parametrize("percent", [1, 5, 25, 50])
def test_a_share_is_as_large_as_it_says(percent: int) -> None:
    """Within five standard deviations for users numbered in order, the least random there are."""
    users = 20_000
    inside = sum(is_in(f"user-{n}", percent, of="place-order") for n in range(users))
    deviation = math.sqrt(users * percent / 100 * (1 - percent / 100))
    assert abs(inside - users * percent / 100) < 5 * deviation


def test_services_do_not_share_their_first_users() -> None:
    """Five percent of five percent are in both; five deviations more would be the same users."""
    both = sum(
        is_in(f"user-{n}", 5, of="place-order") and is_in(f"user-{n}", 5, of="get-order")
        for n in range(20_000)
    )
    assert both < 50 + 5 * math.sqrt(50)


@pytest.mark.parametrize(("user", "of"), [("a", "bc"), ("ab", "c")])
def test_user_and_name_do_not_run_together(user: str, of: str) -> None:
    assert place(user, of=of) != place("", of=of + user)


def test_a_place_is_the_same_in_every_version_and_language() -> None:
    assert place("ann", of="place-order") == pytest.approx(VECTORS["ann"], abs=1e-9)
    assert place("Zoë", of="place-order") == pytest.approx(VECTORS["Zoë"], abs=1e-9)


@pytest.mark.parametrize("percent", [-1, 100.1, math.nan])
def test_no_share_is_less_than_nothing_or_more_than_all(percent: float) -> None:
    with pytest.raises(ValueError, match="a percentage is 0 to 100"):
        is_in("ann", percent, of="place-order")
