"""A ring under test that is backed up whole, and a stored object that goes bad."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from paved_road_ring.backing_up import BackingUp
from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.store import Store
from tests.lab.living_ring import LivingRing
from tests.lab.ring_templates import RING


def back_up(ring: LivingRing, seconds: float = 300) -> RingManifest:
    """By its agents, as somebody who asks for it has it."""
    backing_up = BackingUp(ring=ring.live, say=lambda _: None)
    return backing_up.wait(backing_up.ask(), seconds)


def past_of(ring: LivingRing) -> Past:
    return Past(ring=RING, data_center=ring.data_center, incarnation=ring.birth().incarnation)


def store_of(ring: LivingRing) -> Store:
    return Store(ring.client("s3"), ring.live.backup_bucket())


def versions_of(ring: LivingRing, *kinds: str, prefix: str = "") -> list[Any]:
    """Of its backups, to the end at once: moto ends a listing whose last key is gone meanwhile."""
    pages = ring.client("s3").get_paginator("list_object_versions")
    found = pages.paginate(Bucket=ring.live.backup_bucket(), Prefix=prefix)
    return [one for page in found for kind in kinds for one in page.get(kind, ())]


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
