"""A whole backup of the ring, and the ring that it is for."""

from collections.abc import Mapping

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.assembly import Assembly
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.restore import Target
from paved_road_ring_backup.ring_manifest import Part, RingManifest
from tests.agent.scenes import BIRTH, DC, claims
from tests.backup.stories import HOUR, NOON, PAST, manifests

NODES = manifests()
TARGET = Target(
    ring="orders",
    data_center=DC,
    racks=BIRTH.racks,
    nodes_per_rack=2,
    cassandra="5.0.9",
    living=(),
    disk_bytes=1_000,
    bits_per_second=400,
)


def whole(nodes: Mapping[Slot, NodeManifest]) -> RingManifest:
    reports = [Part.of(one) for one in nodes.values()]
    found = Assembly(
        past=PAST, birth=BIRTH, claims=claims(), reports=reports, now=NOON + HOUR
    ).outcome()
    assert isinstance(found, RingManifest)
    return found


def contents(nodes: Mapping[Slot, NodeManifest]) -> dict[str, bytes]:
    return {one.run.manifest: one.to_json() for one in nodes.values()}
