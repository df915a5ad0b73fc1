"""The token ring in pieces: nothing is read twice, and nothing is left out."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring.drills.ranges import (
    BYTES_PER_PIECE,
    FIRST_TOKEN,
    LAST_TOKEN,
    pieces,
    sampled,
)

SIZES = st.integers(min_value=0, max_value=5_000 * BYTES_PER_PIECE)


@given(SIZES)
def test_pieces_are_the_whole_ring_once(size: int) -> None:
    found = pieces(size)
    assert (found[0].after, found[-1].until) == (FIRST_TOKEN, LAST_TOKEN)
    assert all(one.until == following.after for one, following in pairwise(found))
    assert all(one.after < one.until for one in found)
    assert size / len(found) <= BYTES_PER_PIECE


@given(SIZES, st.floats(min_value=0.01, max_value=100), st.text())
def test_a_sample_is_so_large_and_the_same_for_the_same_seed(
    size: int, percent: float, seed: str
) -> None:
    whole = pieces(size)
    found = sampled(whole, percent, seed)
    assert found == sampled(whole, percent, seed)
    assert found == sorted({*found}, key=lambda one: one.after)
    assert len(found) == max(1, round(len(whole) * percent / 100))


def test_all_of_it_is_all_of_it_and_other_drills_read_other_pieces() -> None:
    whole = pieces(1_000 * BYTES_PER_PIECE)
    assert sampled(whole, 100, "any") == whole
    assert sampled(whole, 5, "one") != sampled(whole, 5, "another")
