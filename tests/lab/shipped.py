"""How far the commit logs of a ring under test have come in its bucket."""

from paved_road_ring_backup.log_keys import Piece
from paved_road_ring_backup.log_store import all_pieces
from tests.lab.backed_up import past_of, store_of
from tests.lab.living_ring import LivingRing

SHIPPING_SECONDS = 120


def shipped(ring: LivingRing) -> list[list[Piece]]:
    """Of the ring's present life, by slot."""
    return list(all_pieces(store_of(ring), past_of(ring)).values())


def reaches(ring: LivingRing, moment: int, nodes: int) -> bool:
    """Whether every slot's logs have all that was written before that moment."""
    found = shipped(ring)
    return len(found) == nodes and all(
        max((one.moment for one in pieces if not one.following), default=0) >= moment
        for pieces in found
    )
