"""A ring under test that is backed up whole, and a stored object that goes bad."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.node import NodeBackup
from paved_road_ring_backup.ring import assemble
from paved_road_ring_backup.ring_manifest import Part, RingManifest
from paved_road_ring_backup.snapshots import Snapshots
from paved_road_ring_backup.store import Store
from tests.lab.living_ring import DC, LivingRing
from tests.lab.ring_templates import RING


def back_up(ring: LivingRing) -> RingManifest:
    """Every node, one after another, and the set that they make."""
    birth, claims, store = ring.birth(), ring.claims(), store_of(ring)
    past = past_of(ring)
    for slot in claims:
        _back_up(ring, store, past, slot)
    found = assemble(store, past, birth, claims, int(time.time()))
    assert isinstance(found, RingManifest), found
    return found


def sets(ring: LivingRing) -> list[str]:
    """Keys of whole backups of the ring's present life."""
    return store_of(ring).keys(past_of(ring).sets)


def past_of(ring: LivingRing) -> Past:
    return Past(ring=RING, data_center=DC, incarnation=ring.birth().incarnation)


def store_of(ring: LivingRing) -> Store:
    return Store(ring.client("s3"), ring.live.backup_bucket())


def _back_up(ring: LivingRing, store: Store, past: Past, slot: Slot) -> Part:
    node, claim = ring.holder(slot), ring.claims()[slot]
    return NodeBackup(
        past=past,
        slot=slot,
        epoch=claim.epoch,
        store=store,
        snapshots=Snapshots(node.management(), node.layout.cassandra / "data"),
        memory=node.layout.backup_memory,
        owns=lambda: True,
        clock=time.time,
    ).run()


@contextmanager
def corrupt(ring: LivingRing, key: str) -> Iterator[None]:
    """The object has other bytes meanwhile, as many of them."""
    s3, bucket = ring.client("s3"), ring.live.backup_bucket()
    content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.delete_object(Bucket=bucket, Key=key)
    s3.put_object(Bucket=bucket, Key=key, Body=bytes(len(content)))
    yield
    s3.delete_object(Bucket=bucket, Key=key)
    s3.put_object(Bucket=bucket, Key=key, Body=content)
