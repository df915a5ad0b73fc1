"""The token ring in pieces: what a drill reads at a time, so that no table has to fit in memory."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FIRST_TOKEN, LAST_TOKEN = -(2**63), 2**63 - 1
"""Murmur3's. Nothing has the first one: it only bounds what comes after it.
https://cassandra.apache.org/doc/5.0/cassandra/architecture/dynamo.html#consistent-hashing-using-a-token-ring
"""
BYTES_PER_PIECE = 4 * 2**20
"""Of data files, compressed as they are. Rows of two rings are held as Python's objects, at some
twenty times that."""


@dataclass(frozen=True)
class Piece:
    """All tokens after `after`, up to `until` and with it."""

    after: int
    until: int


def pieces(size: int) -> list[Piece]:
    """The whole ring, for a table with `size` bytes of data in one replica."""
    count = max(1, -(-size // BYTES_PER_PIECE))
    bounds = [FIRST_TOKEN + number * 2**64 // count for number in range(count)] + [LAST_TOKEN]
    return [Piece(after, until) for after, until in pairwise(bounds)]


def sampled(whole: Sequence[Piece], percent: float, seed: str) -> list[Piece]:
    """So many of the pieces, at least one, in order; others with every `seed`, the same with it."""
    count = max(1, round(len(whole) * percent / 100))
    chosen = random.Random(seed).sample(range(len(whole)), count)  # noqa: S311 - nothing secret
    return [whole[number] for number in sorted(chosen)]
