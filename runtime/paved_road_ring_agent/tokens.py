"""Which token a slot holds: a pure function of the ring's shape, so nobody ever negotiates.

One token per node. The first `base` nodes of each rack divide Cassandra's token range evenly, racks
in turn, so that with as many replicas as racks every node holds the same share. A rack grows by
doubling: the nodes added split every range in half, each again with the racks in turn, and no token
that stood moves. Anything else is a new data center beside the old one.
"""

from dataclasses import dataclass

LOWEST, SPAN = -(2**63), 2**64
"""Murmur3Partitioner's range. The lowest token itself is reserved for "no token".
https://cassandra.apache.org/doc/5.0/cassandra/architecture/dynamo.html#consistent-hashing-using-a-token-ring
"""

OFFSET = 2**40
"""How far a data center's tokens lie from those of the one before it: no two nodes of a cluster may
hold the same token. A thousand data centers' offsets fit into the smallest range between neighbors
of a ring of 1,024 nodes (2^54) many times over."""

MOST_NODES = 1_024
MOST_DATA_CENTERS = 1_000


class ShapeError(ValueError):
    """A ring that cannot be, with the way to what was wanted."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A data center's tokens: `racks` racks that began with `base` nodes each, as DC number `dc`.

    `racks` is odd, because only then can doubling keep the racks in turn. `base` is what the ring
    was formed with and never changes. Raises `ShapeError`.
    """

    racks: int
    base: int
    dc: int = 0

    def __post_init__(self) -> None:
        if self.racks < 1 or self.racks % 2 == 0:
            raise ShapeError(f"racks must be odd and at least 1, got {self.racks}")
        if self.base < 1 or self.racks * self.base > MOST_NODES:
            raise ShapeError(f"a ring has 1 to {MOST_NODES} nodes, got {self.racks} x {self.base}")
        if not 0 <= self.dc < MOST_DATA_CENTERS:
            raise ShapeError(f"dc must be 0 to {MOST_DATA_CENTERS - 1}, got {self.dc}")

    def check_size(self, nodes_per_rack: int) -> None:
        """Refuse a size that doubling does not reach from `base`."""
        size = self.base
        while size < nodes_per_rack:
            size *= 2
        if size != nodes_per_rack:
            raise ShapeError(
                f"{nodes_per_rack} nodes per rack cannot be reached by doubling {self.base}: "
                "double again, or build a data center of the next generation beside this one"
            )
        if self.racks * size > MOST_NODES:
            raise ShapeError(f"a ring has at most {MOST_NODES} nodes, got {self.racks} x {size}")

    def generation_of(self, index: int) -> int:
        """How often the rack had doubled when slot `index` came to be; 0 for the first nodes."""
        return (index // self.base).bit_length()

    def token(self, rack: int, index: int) -> int:
        """The token of slot `index` of rack number `rack`, whatever the ring's present size."""
        if not 0 <= rack < self.racks or index < 0:
            raise ShapeError(f"there is no slot {index} in rack {rack} of {self.racks}")
        doublings = self.generation_of(index)
        positions = (self.racks * self.base) << doublings
        if doublings == 0:
            place = rack + self.racks * index
        else:
            among_new = index - (self.base << (doublings - 1))
            place = self._first_new(rack, doublings) + 2 * self.racks * among_new
        return LOWEST + place * SPAN // positions + (self.dc + 1) * OFFSET

    def _first_new(self, rack: int, doublings: int) -> int:
        """The first odd position of a rack: doubling turns position p into 2p and adds odd ones.

        A rack stands on the positions p with p = rack * 2^doublings (mod racks).
        """
        place = rack * pow(2, doublings, self.racks) % self.racks
        return place if place % 2 else place + self.racks

    def tokens(self, nodes_per_rack: int) -> dict[tuple[int, int], int]:
        """All tokens of a ring of that size, by (rack, index)."""
        self.check_size(nodes_per_rack)
        return {
            (rack, index): self.token(rack, index)
            for rack in range(self.racks)
            for index in range(nodes_per_rack)
        }
