"""Releases in lanes: each once, none moved without need."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_delivery.ladder import Traffic
from paved_road_delivery.ladder.lanes import arrange, cohort_first
from paved_road_delivery.service import Lane

IDLE = ["idle-1", "idle-2", "idle-3"]


def weights(most: int = 3) -> st.SearchStrategy[dict[str, int]]:
    return st.dictionaries(st.sampled_from("abcde"), st.integers(0, 100), max_size=most)


@given(weights(), weights())
def test_everybody_has_the_weight_that_is_asked_for_and_stays(
    before: dict[str, int], after: dict[str, int]
) -> None:
    first = arrange([Lane(one, 0) for one in IDLE], IDLE, before)
    then = arrange(first, IDLE, after)
    assert {one.target_group: one.weight for one in then if one.weight} == {
        group: weight for group, weight in after.items() if weight
    }
    assert len({one.target_group for one in then}) == len(IDLE)
    for was, now in zip(first, then, strict=True):
        assert now.target_group == was.target_group or not after.get(was.target_group)


def test_a_lane_without_a_release_has_its_own_idle_target_group() -> None:
    made = arrange([Lane("a", 100), Lane("idle-2", 0), Lane("idle-3", 0)], IDLE, {"b": 100})
    assert made == [Lane("b", 100), Lane("idle-2", 0), Lane("idle-3", 0)]


def test_more_releases_than_lanes_are_refused() -> None:
    with pytest.raises(ValueError, match="4 releases and 3 lanes"):
        arrange([Lane(one, 0) for one in IDLE], IDLE, dict.fromkeys("abcd", 25))


@pytest.mark.parametrize(
    ("now", "wanted", "first"),
    [
        (Traffic(shares={"a": 100}), Traffic(shares={"a": 100}, cohort="b"), True),
        (Traffic(shares={"a": 75, "b": 25}, cohort="b"), Traffic(shares={"a": 100}), True),
        (Traffic(shares={"a": 75, "b": 25}, cohort="b"), Traffic(shares={"b": 100}), False),
        (Traffic(shares={"a": 60, "b": 40}, cohort="b"), Traffic(shares={"a": 80, "b": 20}), True),
        (Traffic(shares={"a": 75, "b": 25}), Traffic(shares={"a": 100}), False),
    ],
)
def test_the_cohort_is_the_first_to_meet_a_release_and_to_be_taken_back(
    now: Traffic, wanted: Traffic, first: bool
) -> None:
    assert cohort_first(now, wanted) is first
