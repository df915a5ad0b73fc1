"""A purge in a bucket: what is kept comes back whole, and deletions hide versions only."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paved_road_ring_backup.documents import ManifestError
from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.purging import carry_out, look
from paved_road_ring_backup.recovery import chosen, fill, read_plan, slot_fill
from paved_road_ring_backup.retention import Keep
from paved_road_ring_backup.ring import assemble
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.store import Store, StoreUnreachableError
from tests.agent.scenes import BIRTH, DC, SLOTS, claims, slot
from tests.backup.bucket import BUCKET
from tests.backup.small_node import SmallNode, backup_of
from tests.backup.stories import DAY, NOON, PAST, TABLE
from tests.backup.whole import TARGET

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

KEEP = Keep(hourly=0, daily=2, weekly=0)
OLD, ROWS = f"{TABLE}/nb-1-big-Data.db", f"{TABLE}/nb-2-big-Data.db"


@pytest.fixture
def nodes(tmp_path: Path) -> dict[str, SmallNode]:
    found = {name: SmallNode(tmp_path / name) for name in SLOTS}
    for name, node in found.items():
        node.token = BIRTH.token(slot(name))
        node.write(OLD, f"what never changes of {name}".encode())
    return found


def a_day(nodes: dict[str, SmallNode], store: Store, day: int) -> RingManifest:
    """All slots have other rows than the day before, and are backed up."""
    now = NOON + day * DAY
    for name, node in nodes.items():
        node.write(ROWS, f"{name} on day {day}".encode())
        backup_of(node, store, slot=slot(name), clock=lambda: now).run()
    found = assemble(store, PAST, BIRTH, claims(), now + 60)
    assert isinstance(found, RingManifest)
    return found


def purge(store: Store, day: int, **given: int) -> int:
    locked = given.get("locked_days", 0)
    return carry_out(store, look(store, PAST, now=NOON + day * DAY, keep=KEEP, locked_days=locked))


def test_what_is_kept_comes_back_whole_after_a_purge(
    nodes: dict[str, SmallNode], store: Store, s3: "S3Client", tmp_path: Path
) -> None:
    for day in range(4):
        a_day(nodes, store, day)
    assert purge(store, day=3) == 0
    # Two ring manifests, and of each slot two runs: their rows, manifests and parts.
    assert purge(store, day=14) == 2 + 6 * 2 * 3
    assert purge(store, day=14) == 0
    for day in (2, 3):
        found = chosen(store, "orders", DC, NOON + day * DAY)
        plan = read_plan(store, found, TARGET)
        for name in SLOTS:
            new = tmp_path / "new" / str(day) / name
            part, wanted = slot_fill(store, replace(BIRTH, origin=plan.manifest.key), slot(name))
            fill(store, part, wanted, data=new, memory=new / "backup", limit=None)
            assert (new / OLD).read_bytes() == f"what never changes of {name}".encode()
            assert (new / ROWS).read_bytes() == f"{name} on day {day}".encode()
    hidden = s3.list_object_versions(Bucket=BUCKET)
    assert len(hidden["DeleteMarkers"]) == 38
    versions = {one["Key"] for one in hidden["Versions"]}
    assert {one["Key"] for one in hidden["DeleteMarkers"]} <= versions


def test_nothing_is_deleted_while_it_is_locked(nodes: dict[str, SmallNode], store: Store) -> None:
    for day in range(4):
        a_day(nodes, store, day)
    assert purge(store, day=40, locked_days=35) == 0
    assert purge(store, day=50, locked_days=35) == 38


def test_a_purge_that_cannot_read_a_manifest_deletes_nothing(
    nodes: dict[str, SmallNode], store: Store, s3: "S3Client"
) -> None:
    for day in range(4):
        a_day(nodes, store, day)
    keys = store.keys(PAST.prefix)
    damaged = next(key for key in keys if key.endswith("manifest.json"))
    s3.delete_object(Bucket=BUCKET, Key=damaged)
    s3.put_object(Bucket=BUCKET, Key=damaged, Body=b"?")
    with pytest.raises(ManifestError):
        purge(store, day=14)
    assert store.keys(PAST.prefix) == keys


def test_a_life_of_the_ring_that_is_over_goes_with_time(
    nodes: dict[str, SmallNode], store: Store
) -> None:
    a_day(nodes, store, 0)
    anew = Past(ring="orders", data_center=DC, incarnation="anew")
    now = NOON + 100 * DAY
    daily = Keep(hourly=0, daily=1, weekly=0)
    for name, node in nodes.items():
        backup_of(node, store, past=anew, slot=slot(name), clock=lambda: NOON + 50 * DAY).run()
    assemble(store, anew, BIRTH, claims(), NOON + 50 * DAY)
    carry_out(store, look(store, anew, now=now, keep=daily, locked_days=0))
    left = store.keys("rings/orders/")
    # What the new life built on is still where the old one had put it.
    assert {key.rpartition("/")[2][-5:] for key in left if "/one/" in key}.isdisjoint({".json"})
    found = chosen(store, "orders", DC, now)
    assert found.past == anew
    assert read_plan(store, found, TARGET).fills.keys() == {slot(name) for name in SLOTS}


def test_a_bucket_that_cannot_be_asked_is_not_purged(s3: "S3Client") -> None:
    with pytest.raises(StoreUnreachableError):
        purge(Store(s3, "no-such-bucket"), day=14)
