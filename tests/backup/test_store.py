"""The bucket: written once, read whole, and looked through without reading everything."""

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from paved_road_ring_backup.ring_manifest import Part
from paved_road_ring_backup.store import Store, StoreUnreachableError
from tests.agent.scenes import slot
from tests.backup.bucket import BUCKET
from tests.backup.stories import DAY, HOUR, NOON, PAST, manifest, run
from tests.backup.whole import NODES, whole

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def test_a_key_is_written_once_and_the_first_content_stays(store: Store) -> None:
    assert store.put("rings/orders/x", b"first")
    assert not store.put("rings/orders/x", b"second")
    assert store.get("rings/orders/x") == b"first"
    assert store.get("rings/orders/y") is None


@pytest.mark.usefixtures("store")
def test_whatever_this_client_creates_it_creates_once(s3: "S3Client") -> None:
    s3.put_object(Bucket=BUCKET, Key="x", Body=b"first")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket=BUCKET, Key="x", Body=b"second")


def test_a_bucket_that_cannot_be_asked_is_not_an_empty_one(s3: "S3Client") -> None:
    nowhere = Store(s3, "no-such-bucket")
    for ask in (
        lambda: nowhere.put("x", b""),
        lambda: nowhere.get("x"),
        lambda: nowhere.newest_part(PAST, slot("a0"), 1, NOON),
        lambda: nowhere.newest_set(PAST, NOON),
    ):
        with pytest.raises(StoreUnreachableError, match="NoSuchBucket"):
            ask()


def test_the_newest_run_that_ended_counts_and_of_this_owner_alone(store: Store) -> None:
    ended, older = run("a0", NOON), run("a0", NOON - HOUR)
    for one in (older, ended, run("a0", NOON + 5, epoch=2), run("a1", NOON + 5)):
        store.put(one.part, Part.of(manifest(one)).to_json())
    unended = run("a0", NOON + HOUR)
    store.put(unended.manifest, manifest(unended).to_json())
    found = store.newest_part(PAST, slot("a0"), 1, NOON - DAY)
    assert found == Part.of(manifest(ended))
    assert store.newest_part(PAST, slot("a0"), 1, NOON) == found
    assert store.newest_part(PAST, slot("a0"), 1, NOON + 1) is None
    assert store.newest_part(PAST, slot("b0"), 1, NOON - DAY) is None


def test_the_newest_set_from_before_a_moment_is_found(store: Store) -> None:
    full = whole(NODES)
    store.put(full.key, full.to_json())
    assert store.newest_set(PAST, NOON) == full
    assert store.newest_set(PAST, NOON - 1) is None
