"""What an agent fetches for its slot, and what it says when that is not what it should be."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paved_road_ring_agent.actions import Fill
from paved_road_ring_agent.filling import FillFailedError
from paved_road_ring_agent.layout import Layout
from paved_road_ring_backup import filler as module
from paved_road_ring_backup.filler import filler
from paved_road_ring_backup.node import built_on
from paved_road_ring_backup.store import Store
from tests.agent.scenes import BIRTH, claim, slot
from tests.backup.bucket import BUCKET
from tests.backup.six_slots import ROWS, back_up
from tests.nodes import NODE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(root=tmp_path / "node", bundle=tmp_path)


@pytest.fixture(autouse=True)
def as_node(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    def client(*_: Any) -> "S3Client":
        return s3

    monkeypatch.setattr(module, "client", client)


def action(origin: str, bucket: str = "") -> Fill:
    birth = replace(BIRTH, incarnation="two", origin=origin, bucket=bucket)
    return Fill(slot=slot("b1"), claim=claim("b1"), birth=birth, reason="")


def test_the_own_slots_files_come_and_the_next_backup_builds_on_them(
    store: Store, layout: Layout, tmp_path: Path
) -> None:
    whole = back_up(store, tmp_path)
    filler(replace(NODE, backup_bucket=BUCKET), layout)(action(whole.key))
    assert (layout.cassandra / "data" / ROWS).read_bytes() == b"one b1"
    base = built_on(layout.backup_memory)
    assert base is not None
    assert base.run == whole.by_slot()[slot("b1")].run


def test_the_birth_may_name_another_bucket(store: Store, layout: Layout, tmp_path: Path) -> None:
    whole = back_up(store, tmp_path)
    filler(replace(NODE, backup_bucket="elsewhere"), layout)(action(whole.key, BUCKET))
    assert (layout.cassandra / "data" / ROWS).exists()


@pytest.mark.parametrize(
    ("bucket", "key", "words"),
    [
        (None, "", "has no backup bucket"),
        (BUCKET, "rings/orders/none.json", "none.json is not there"),
        ("no-such-bucket", "", "NoSuchBucket"),
    ],
)
def test_what_is_not_there_is_said(
    bucket: str | None, key: str, words: str, store: Store, layout: Layout, tmp_path: Path
) -> None:
    whole = back_up(store, tmp_path)
    with pytest.raises(FillFailedError, match=words):
        filler(replace(NODE, backup_bucket=bucket), layout)(action(key or whole.key))
    assert not (layout.cassandra / "data").exists()


def test_a_manifest_that_is_not_what_the_set_names_is_refused(
    store: Store, s3: "S3Client", layout: Layout, tmp_path: Path
) -> None:
    whole = back_up(store, tmp_path)
    key = whole.by_slot()[slot("b1")].run.manifest
    s3.delete_object(Bucket=BUCKET, Key=key)
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"{}")
    with pytest.raises(FillFailedError, match=f"{key} is not what the ring manifest names"):
        filler(replace(NODE, backup_bucket=BUCKET), layout)(action(whole.key))
