"""`paved-road ring restore --from`: in one region what was in another, of which copies are left."""

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from paved_road_contract.stacks import Kind
from paved_road_ring.live import LiveRing, NoRingError
from paved_road_ring_agent.facts import Slot
from paved_road_ring_agent.software import Wanted
from paved_road_ring_agent.table import Table
from paved_road_ring_backup.recovery import slot_fill
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.store import Store
from tests.agent.scenes import DC
from tests.backup.bucket import BUCKET
from tests.backup.six_slots import back_up
from tests.backup.standing import paved_road, stack, standing_ring
from tests.backup.stories import DAY, NOON, PAST
from tests.unit.test_ring_restore import group

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WEST, WEST_DC, COPIES = "us-west-2", "us-west-2-g1", "acme-copies"
WHERE = ("orders", "--estate", "acme", "--region", WEST)
THERE = {"x": "a", "y": "b", "z": "c"}
"""Racks here, and which of the lost ones had their tokens."""


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three racks of two nodes, whose instances wait."""
    groups = {rack: {**group(rack), "Instances": []} for rack in THERE}
    monkeypatch.setattr(LiveRing, "groups", lambda _: groups)
    monkeypatch.setattr(LiveRing, "instances", lambda _: {})
    wanted = Wanted(cassandra="5.0.9", key="bundles/1.tar", sha256=64 * "0")
    monkeypatch.setattr(LiveRing, "wanted", lambda _: wanted)


@pytest.fixture
def table(store: Store) -> Table:
    """Of the ring here, which was never born; the region keeps its own backups, and copies."""
    assert store
    here = boto3.client("s3", region_name=WEST)
    for kind, name in ((Kind.BACKUP, "acme-west"), (Kind.VAULT, COPIES)):
        here.create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "us-west-2"}
        )
        stack(kind, region=WEST, BucketName=name)
    return standing_ring(WEST, WEST_DC)


@pytest.fixture
def lost(store: Store, s3: "S3Client", tmp_path: Path, table: Table) -> RingManifest:
    """What was backed up there; its bucket is gone, and all of it was copied before."""
    assert table
    back_up(store, tmp_path)
    newest = back_up(store, tmp_path, replace(PAST, incarnation="anew"), NOON + DAY)
    for key in store.keys(""):
        s3.copy_object(Bucket=COPIES, Key=key, CopySource={"Bucket": BUCKET, "Key": key})
        s3.delete_object(Bucket=BUCKET, Key=key)
    return newest


def test_a_dry_run_says_from_where_and_what_is_altered(lost: RingManifest, table: Table) -> None:
    told = paved_road("restore", *WHERE, "--from", DC, "--dry-run")
    assert told.exit_code == 0, told.output
    assert lost.key in told.output
    assert f"from the bucket {COPIES}, which nodes must be allowed to read" in told.output
    assert f"replicated to {DC} would be altered to {WEST_DC}" in told.output
    assert table.birth() is None


def test_the_birth_names_copies_and_data_center_and_each_slot_finds_its_own(
    lost: RingManifest, table: Table, s3: "S3Client"
) -> None:
    first = paved_road("restore", *WHERE, "--from", DC, "--json")
    told = json.loads(first.output)["restore"]
    assert (told["bucket"], told["came_from"], told["manifest"]) == (COPIES, DC, lost.key)
    birth = table.birth()
    assert birth is not None
    assert (birth.bucket, birth.came_from, birth.moved) == (COPIES, DC, False)
    assert birth.racks == tuple(THERE)
    for rack, there in THERE.items():
        for index in range(2):
            own = Slot(data_center=WEST_DC, rack=rack, index=index)
            part, wanted = slot_fill(Store(s3, COPIES), birth, own)
            assert part.run.slot == Slot(data_center=DC, rack=there, index=index)
            assert part.facts.token == birth.token(own)
            assert wanted.source == part.run.slot
    again = json.loads(paved_road("restore", *WHERE, "--from", DC, "--json").output)["restore"]
    assert (told["begun_before"], again["begun_before"]) == (False, True)


def test_another_data_centers_backup_must_be_meant(lost: RingManifest, table: Table) -> None:
    told = paved_road("restore", *WHERE, "--bucket", COPIES)
    assert isinstance(told.exception, RestoreRefusedError)
    assert f"something of {DC} (--from)" in str(told.exception)
    told = paved_road("restore", *WHERE, "--bucket", COPIES, "--manifest", lost.key)
    assert isinstance(told.exception, RestoreRefusedError)
    assert f"in {DC}, not of ring orders in {WEST_DC}: --from says" in str(told.exception)
    assert table.birth() is None


def test_a_backup_that_was_not_copied_whole_is_refused_and_an_older_one_taken(
    lost: RingManifest, table: Table, s3: "S3Client"
) -> None:
    part = lost.parts[4]
    content = next(
        one["Key"]
        for one in s3.list_objects_v2(Bucket=COPIES, Prefix=part.run.folder)["Contents"]
        if not one["Key"].endswith(".json")
    )
    s3.delete_object(Bucket=COPIES, Key=content)
    told = paved_road("restore", *WHERE, "--from", DC)
    assert isinstance(told.exception, RestoreRefusedError)
    assert f"1 of 6 objects that {lost.key} needs are not in {COPIES}" in str(told.exception)
    assert f"the first is {content}" in str(told.exception)
    assert table.birth() is None
    told = paved_road("restore", *WHERE, "--from", DC, "--manifest", PAST.set_key(NOON + 60))
    assert told.exit_code == 0, told.output


def test_a_region_that_keeps_no_copies_says_so(lost: RingManifest, table: Table) -> None:
    assert lost
    boto3.client("cloudformation", region_name=WEST).delete_stack(StackName=f"acme-{WEST}-vault")
    told = paved_road("restore", *WHERE, "--from", DC)
    assert isinstance(told.exception, NoRingError)
    assert f"acme keeps no copies in {WEST}" in str(told.exception)
    assert table.birth() is None


def test_of_a_data_center_in_the_same_region_the_own_bucket_has_the_backup(
    lost: RingManifest, table: Table
) -> None:
    told = paved_road("restore", *WHERE, "--from", "us-west-2-g2")
    assert isinstance(told.exception, RestoreRefusedError)
    assert "no whole backup in us-west-2-g2 from before that moment: 0 of its lives" in str(
        told.exception
    )
    assert "acme-west" in str(told.exception)
    assert lost.past.data_center not in str(told.exception)
    assert table.birth() is None
