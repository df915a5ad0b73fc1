"""What a ring under test ships of its commit logs, and rows that are in them alone."""

from typing import Any

from paved_road_ring_backup.log_keys import Piece
from paved_road_ring_backup.log_store import all_pieces
from tests.lab.backed_up import past_of, store_of
from tests.lab.living_ring import LivingRing

SHIPPING_SECONDS = 120


def change(cql: Any, name: str) -> None:
    """Rows made, changed, deleted and counted."""
    cql.execute(f"INSERT INTO shop.names (id, name) VALUES (200, '{name}')")  # noqa: S608 - ours
    cql.execute(f"UPDATE shop.orders SET name = '{name}' WHERE customer = 4")  # noqa: S608 - ours
    for number in range(200):
        cql.execute("DELETE FROM shop.orders WHERE customer = 3 AND number = %s", [number])
        cql.execute("INSERT INTO shop.never_written (id) VALUES (%s)", [number + len(name)])
    cql.execute("UPDATE shop.counts SET seen = seen + 100 WHERE id = 3")


def shipped(ring: LivingRing) -> list[list[Piece]]:
    """Of the ring's present life, by slot."""
    return list(all_pieces(store_of(ring), past_of(ring)).values())


def reaches(ring: LivingRing, moment: int, nodes: int = 3) -> bool:
    """Whether every slot's logs have all that was written before that moment."""
    found = shipped(ring)
    return len(found) == nodes and all(
        max((one.moment for one in pieces if not one.following), default=0) >= moment
        for pieces in found
    )
