"""A ring under test that has rows and a backup, and is about to lose everything."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paved_road_ring.restoring import Planned, Restoring
from paved_road_ring.schema import read
from paved_road_ring.schema_owner import SchemaOwner
from paved_road_ring_agent.operators import restore_role
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.ring_manifest import RingManifest
from tests.backup.rows import add, contents, fill
from tests.lab.backed_up import back_up
from tests.lab.clients import Patient, connect
from tests.lab.living_ring import LivingRing
from tests.lab.operators import seen_by
from tests.lab.orders_schema import table_ids
from tests.lab.ring_templates import RING
from tests.lab.small_region import ESTATE

RESTORING_SECONDS = 600


@dataclass(frozen=True)
class Before:
    """What was acknowledged before the backup, and by which names the ring knew it."""

    rows: dict[str, Any]
    tables: set[str]
    manifest: RingManifest
    incarnation: str


def filled(ring: LivingRing, schema: Path) -> Before:
    """Rows, a backup of them, and then rows that are in none."""
    owner(ring).apply(read(schema))
    with connect(ring.addresses()) as session:
        cql = Patient(session)
        fill(cql, f"'{ring.data_center}': 3")
        rows = contents(cql)
        manifest = back_up(ring)
        add(cql)
        assert contents(cql) != rows
    return Before(rows, table_ids(ring, trust(ring)), manifest, ring.birth().incarnation)


def owner(ring: LivingRing) -> SchemaOwner:
    return SchemaOwner(ring=ring.live, say=lambda _: None)


def trust(ring: LivingRing) -> str:
    found = ring.vault.trust()
    assert found
    return found


def restoring(ring: LivingRing, came_from: str = "") -> Restoring:
    """In the role that there is for it."""
    seen = seen_by(ring, restore_role(ESTATE, ring.region, RING))
    return Restoring(ring=seen, came_from=came_from)


def planned(ring: LivingRing, at: int = 0, came_from: str = "") -> Planned | None:
    """Once nothing of the ring lives by anybody's word."""
    try:
        return restoring(ring, came_from).plan(at=at)
    except RestoreRefusedError as error:
        if "lives" in str(error) or "tell" in str(error):
            return None
        raise
