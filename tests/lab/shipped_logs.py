"""What a ring under test ships of its commit logs, and rows that are in them alone."""

import time
from typing import Any

from paved_road_ring_backup.log_keys import Piece
from paved_road_ring_backup.log_store import all_pieces
from paved_road_ring_backup.ring_manifest import RingManifest
from tests.backup.rows import contents, fill
from tests.lab.backed_up import back_up, past_of, store_of
from tests.lab.clients import Patient, connect
from tests.lab.living_ring import LivingRing
from tests.waiting import until

SHIPPING_SECONDS = 120


def change(cql: Any, name: str) -> None:
    """Rows made, changed, deleted and counted."""
    cql.execute(f"INSERT INTO shop.names (id, name) VALUES (200, '{name}')")  # noqa: S608 - ours
    cql.execute(f"UPDATE shop.orders SET name = '{name}' WHERE customer = 4")  # noqa: S608 - ours
    for number in range(200):
        cql.execute("DELETE FROM shop.orders WHERE customer = 3 AND number = %s", [number])
        cql.execute("INSERT INTO shop.never_written (id) VALUES (%s)", [number + len(name)])
    cql.execute("UPDATE shop.counts SET seen = seen + 100 WHERE id = 3")


def written_around_a_second(ring: LivingRing) -> tuple[RingManifest, dict[str, Any], int]:
    """A backup, what was there at a second after it, and that second; all that is shipped by now.

    Right rows are written before it and wrong ones after.
    """
    with connect(ring.addresses()) as session:
        cql = Patient(session)
        fill(cql, f"'{ring.data_center}': 3")
        manifest = back_up(ring)
        until(lambda: time.time() > manifest.settled)
        change(cql, "right")
        rows = contents(cql)
        at = int(time.time()) + 1
        until(lambda: time.time() > at + 0.001)
        change(cql, "wrong")
        assert contents(cql) != rows
    until(lambda: reaches(ring, at), SHIPPING_SECONDS, every=1.0)
    return manifest, rows, at


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
