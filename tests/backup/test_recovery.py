"""A ring whose table and disks are gone, from what is in the bucket alone."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.node import built_on
from paved_road_ring_backup.recovery import chosen, fill, read_plan, slot_fill
from paved_road_ring_backup.restore import Fill, RestorePlan, RestoreRefusedError
from paved_road_ring_backup.ring_manifest import Part
from paved_road_ring_backup.store import Store
from paved_road_ring_backup.transfers import CorruptObjectError
from tests.agent.scenes import BIRTH, DC, SLOTS, slot
from tests.backup.bucket import BUCKET
from tests.backup.six_slots import ROWS, back_up
from tests.backup.stories import DAY, HOUR, NOON, PAST
from tests.backup.whole import TARGET

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def own(store: Store, plan: RestorePlan, name: str) -> tuple[Part, Fill]:
    """What the slot's own node finds out, which is what was planned."""
    part, wanted = slot_fill(store, replace(BIRTH, origin=plan.manifest.key), slot(name))
    assert wanted == plan.fills[slot(name)]
    return part, wanted


def test_all_slots_come_back_each_with_its_own_rows(store: Store, tmp_path: Path) -> None:
    whole = back_up(store, tmp_path)
    assert chosen(store, "orders", DC, NOON + HOUR) == whole
    plan = read_plan(store, whole, TARGET)
    for name in SLOTS:
        new = tmp_path / "new" / name
        came = fill(store, *own(store, plan, name), data=new, memory=new / "backup", limit=None)
        assert came == plan.fills[slot(name)].size > 0
        assert (new / ROWS).read_bytes() == f"one {name}".encode()
        base = built_on(new / "backup")
        assert base is not None
        assert base.run == whole.by_slot()[slot(name)].run
        again = fill(store, *own(store, plan, name), data=new, memory=new / "backup", limit=None)
        assert again == 0


def test_a_grown_ring_fills_a_new_slot_with_its_parents_rows(store: Store, tmp_path: Path) -> None:
    plan = read_plan(store, back_up(store, tmp_path), replace(TARGET, nodes_per_rack=4))
    child = Slot(data_center=DC, rack="a", index=3)
    birth = replace(BIRTH, origin=plan.manifest.key, nodes=4)
    part, wanted = slot_fill(store, birth, child)
    assert wanted == plan.fills[child]
    fill(store, part, wanted, data=tmp_path / "new", memory=tmp_path / "backup", limit=None)
    source = plan.fills[child].source
    assert (tmp_path / "new" / ROWS).read_bytes() == f"one a{source.index}".encode()


def test_the_newest_of_all_the_rings_lives_before_a_moment_is_chosen(
    store: Store, tmp_path: Path
) -> None:
    first = back_up(store, tmp_path)
    anew = back_up(store, tmp_path, replace(PAST, incarnation="anew"), NOON + DAY)
    assert chosen(store, "orders", DC, NOON + 2 * DAY) == anew
    assert chosen(store, "orders", DC, NOON + HOUR) == first
    with pytest.raises(RestoreRefusedError, match=r"no whole backup .* 2 of its lives"):
        chosen(store, "orders", DC, NOON - 1)


def test_a_ring_that_never_was_backed_up_is_refused(store: Store) -> None:
    with pytest.raises(RestoreRefusedError, match="ring orders has no whole backup in us-east-1"):
        chosen(store, "orders", DC, NOON)


def test_another_regions_copy_serves_as_well(store: Store, s3: "S3Client", tmp_path: Path) -> None:
    whole = back_up(store, tmp_path)
    s3.create_bucket(Bucket="copies")
    for one in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        body = s3.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
        s3.put_object(Bucket="copies", Key=one["Key"], Body=body)
        s3.delete_object(Bucket=BUCKET, Key=one["Key"])
    copies = Store(s3, "copies")
    plan = read_plan(copies, chosen(copies, "orders", DC, NOON + HOUR), TARGET)
    assert plan.manifest == whole
    for name in SLOTS:
        new = tmp_path / "new" / name
        fill(copies, *own(copies, plan, name), data=new, memory=new / "backup", limit=None)
        assert (new / ROWS).read_bytes() == f"one {name}".encode()


def test_one_corrupt_object_is_named_and_its_slot_is_not_filled(
    store: Store, s3: "S3Client", tmp_path: Path
) -> None:
    plan = read_plan(store, back_up(store, tmp_path), TARGET)
    key = plan.fills[slot("b0")].files[0].key
    size = s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"]
    s3.delete_object(Bucket=BUCKET, Key=key)
    s3.put_object(Bucket=BUCKET, Key=key, Body=bytes(size))
    new = tmp_path / "new"
    with pytest.raises(CorruptObjectError, match=rf"{key} is corrupt: .* of slot#.*#b#0000"):
        fill(store, *own(store, plan, "b0"), data=new, memory=new / "backup", limit=None)
    assert built_on(new / "backup") is None


def test_a_manifest_that_is_gone_is_refused(store: Store, s3: "S3Client", tmp_path: Path) -> None:
    whole = back_up(store, tmp_path)
    gone = whole.parts[3].run.manifest
    s3.delete_object(Bucket=BUCKET, Key=gone)
    with pytest.raises(RestoreRefusedError, match=f"{gone} is missing in the bucket"):
        read_plan(store, whole, TARGET)
