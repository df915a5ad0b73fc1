"""Equal ranges, racks in turn, and growth that splits every range and moves nothing."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.tokens import (
    LOWEST,
    MOST_NODES,
    OFFSET,
    SPAN,
    Shape,
    ShapeError,
)


@st.composite
def rings(draw: st.DrawFn, doublings: int = 0) -> tuple[Shape, int]:
    """A shape and a number of nodes per rack that may double that often again."""
    racks = draw(st.sampled_from([1, 3, 5]))
    most = MOST_NODES // racks >> doublings
    base = draw(st.integers(1, most))
    times = draw(st.integers(0, (most // base).bit_length() - 1))
    return Shape(racks=racks, base=base, dc=draw(st.integers(0, 999))), base << times


def in_ring_order(shape: Shape, nodes: int) -> list[tuple[int, int]]:
    """(token, rack) as they follow each other."""
    return sorted((token, rack) for (rack, _), token in shape.tokens(nodes).items())


@given(rings())
def test_every_range_is_the_same_to_one_token(ring: tuple[Shape, int]) -> None:
    shape, nodes = ring
    found = [token for token, _ in in_ring_order(shape, nodes)]
    assert len(set(found)) == shape.racks * nodes
    fair = Fraction(SPAN, len(found))
    widths = [after - before for before, after in pairwise(found)]
    widths.append(found[0] + SPAN - found[-1])
    assert all(abs(width - fair) < 1 for width in widths)


@given(rings())
def test_racks_follow_each_other_so_that_neighbors_are_replicas(ring: tuple[Shape, int]) -> None:
    shape, nodes = ring
    order = [rack for _, rack in in_ring_order(shape, nodes)]
    around = order + order[: shape.racks - 1]
    assert all(
        len(set(around[place : place + shape.racks])) == shape.racks for place in range(len(order))
    )


@given(rings(doublings=1))
def test_doubling_splits_every_range_and_moves_nothing(ring: tuple[Shape, int]) -> None:
    shape, nodes = ring
    before, after = shape.tokens(nodes), shape.tokens(2 * nodes)
    assert before.items() <= after.items()
    stood = sorted(before.values())
    new = sorted(token for slot, token in after.items() if slot not in before)
    assert len(new) == len(stood)
    merged = sorted([*((token, "old") for token in stood), *((token, "new") for token in new)])
    kinds = [kind for _, kind in merged]
    assert kinds == ["old", "new"] * len(stood)


@given(rings(), st.integers(0, 999))
def test_no_two_data_centers_share_a_token(ring: tuple[Shape, int], other: int) -> None:
    shape, nodes = ring
    beside = Shape(racks=shape.racks, base=shape.base, dc=other)
    shared = set(shape.tokens(nodes).values()) & set(beside.tokens(nodes).values())
    assert bool(shared) == (other == shape.dc)


@given(rings())
def test_tokens_are_cassandras(ring: tuple[Shape, int]) -> None:
    shape, nodes = ring
    assert all(LOWEST < token < LOWEST + SPAN for token in shape.tokens(nodes).values())


def test_offsets_fit_between_the_closest_neighbors() -> None:
    assert 1_000 * OFFSET < SPAN // MOST_NODES


@pytest.mark.parametrize(
    ("shape", "nodes", "sentence"),
    [
        ({"racks": 4, "base": 1}, 1, "racks must be odd"),
        ({"racks": 3, "base": 0}, 1, "a ring has 1 to 1024 nodes, got 3 x 0"),
        ({"racks": 3, "base": 342}, 342, "a ring has 1 to 1024 nodes, got 3 x 342"),
        ({"racks": 3, "base": 2}, 3, "3 nodes per rack cannot be reached by doubling 2"),
        ({"racks": 3, "base": 2}, 1, "1 nodes per rack cannot be reached by doubling 2"),
        ({"racks": 3, "base": 256}, 512, "a ring has at most 1024 nodes, got 3 x 512"),
        ({"racks": 3, "base": 1, "dc": -1}, 1, "dc must be 0 to 999, got -1"),
    ],
)
def test_other_rings_are_refused_with_the_way_to_do_it(
    shape: dict[str, int], nodes: int, sentence: str
) -> None:
    with pytest.raises(ShapeError, match=sentence):
        Shape(**shape).tokens(nodes)


def test_there_is_no_slot_beyond_the_racks() -> None:
    with pytest.raises(ShapeError, match="no slot 0 in rack 3"):
        Shape(racks=3, base=1).token(3, 0)
