"""A whole backup of the ring in a bucket: six slots, each with rows of its own."""

from pathlib import Path

from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.ring import assemble
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.store import Store
from tests.agent.scenes import BIRTH, SLOTS, claims, slot
from tests.backup.small_node import SmallNode, backup_of
from tests.backup.stories import NOON, PAST, TABLE

ROWS = f"{TABLE}/nb-1-big-Data.db"


def back_up(store: Store, folder: Path, past: Past = PAST, moment: int = NOON) -> RingManifest:
    """All six slots, each with rows of its own."""
    for name in SLOTS:
        node = SmallNode(folder / past.incarnation / name)
        node.token = BIRTH.token(slot(name))
        node.write(ROWS, f"{past.incarnation} {name}".encode())
        backup_of(node, store, past=past, slot=slot(name), clock=lambda: moment).run()
    found = assemble(store, past, BIRTH, claims(), moment + 60)
    assert isinstance(found, RingManifest)
    return found
