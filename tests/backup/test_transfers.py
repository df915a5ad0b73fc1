"""Contents go and come checked, once, within their bandwidth, and on from where they stopped."""

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paved_road_ring_backup.bandwidth import (
    MOST_PARTS,
    PART_BYTES,
    SHARE,
    bytes_per_second,
    config_for,
)
from paved_road_ring_backup.digests import Digests
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.plan import plan
from paved_road_ring_backup.store import Store, StoreUnreachableError
from paved_road_ring_backup.transfers import AT_ONCE, CorruptObjectError, fetch, send
from tests.backup.bucket import BUCKET, outage, write
from tests.backup.stories import NOON, TABLE, facts, run

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN = run("a0")
CONFIG = config_for(None)
LARGE = bytes(PART_BYTES) + b"and one more"
CONTENTS = {"nb-1-big-Data.db": LARGE, "nb-1-big-TOC.txt": b"toc", "nb-2-big-TOC.txt": b"toc"}


def sent(store: Store, folder: Path, **given: Any) -> NodeManifest:
    files, places = write(folder, CONTENTS)
    made = plan(RUN, files, None)
    send(store, made, places, config=CONFIG, **given)
    return made.manifest(facts(RUN.slot), NOON)


def requests(client: "S3Client") -> list[str]:
    """Names of calls from now on."""
    calls: list[str] = []
    client.meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    return calls


def test_what_was_sent_comes_back_the_same(store: Store, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    whole = sent(store, tmp_path / "disk")
    came = fetch(store, whole.files, tmp_path / "new", config=CONFIG)
    assert came == whole.size
    for name, content in CONTENTS.items():
        assert (tmp_path / "new" / TABLE / name).read_bytes() == content
    assert len(list((tmp_path / "new" / TABLE).iterdir())) == len(CONTENTS)
    assert fetch(store, whole.files, tmp_path / "new", config=CONFIG) == 0


def test_s3_is_told_what_each_content_must_be(store: Store, s3: "S3Client", tmp_path: Path) -> None:
    """The emulator compares nothing, so what is asked of it is looked at."""
    asked: list[tuple[str, dict[str, Any]]] = []
    s3.meta.events.register(
        "provide-client-params.s3", lambda params, model, **_: asked.append((model.name, params))
    )
    whole = sent(store, tmp_path)
    (small,) = (params for name, params in asked if name == "PutObject")
    assert base64.b64decode(small["ChecksumSHA256"]).hex() == small["Key"].rpartition("/")[2]
    parts = [params for name, params in asked if name == "UploadPart"]
    assert len(parts) == 2
    assert {part["ChecksumAlgorithm"] for part in parts} == {"SHA256"}
    (end,) = (params for name, params in asked if name == "CompleteMultipartUpload")
    assert all(part["ChecksumSHA256"] for part in end["MultipartUpload"]["Parts"])
    assert {small["Key"], end["Key"]} == whole.objects


def test_a_call_goes_on_where_the_one_before_stopped(
    store: Store, s3: "S3Client", tmp_path: Path
) -> None:
    noted: list[str] = []
    sent(store, tmp_path, note=noted.append)
    assert len(noted) == 2
    calls = requests(s3)
    sent(store, tmp_path, sent=noted)
    assert calls == []
    # A journal that was lost costs requests, and nothing is written again.
    sent(store, tmp_path)
    assert all(
        len(s3.list_object_versions(Bucket=BUCKET, Prefix=key)["Versions"]) == 1
        for key in sent(store, tmp_path, sent=noted).objects
    )


def test_what_is_done_is_noted_while_the_rest_is_on_its_way(
    store: Store, s3: "S3Client", tmp_path: Path
) -> None:
    files, places = write(tmp_path, {f"nb-{n}-big-Data.db": b"%d" % n for n in range(AT_ONCE + 9)})
    noted: list[str] = []
    with outage(s3, "PutObject", AT_ONCE + 8), pytest.raises(StoreUnreachableError):
        send(store, plan(RUN, files, None), places, config=CONFIG, note=noted.append)
    assert len(noted) >= 8
    assert len(set(noted)) == len(noted)


def test_one_bad_content_of_many_ends_it(store: Store, s3: "S3Client", tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    contents = {f"nb-{n}-big-Data.db": b"%d" % n for n in range(2 * AT_ONCE)}
    files, places = write(tmp_path / "disk", contents)
    made = plan(RUN, files, None)
    send(store, made, places, config=CONFIG)
    whole = made.manifest(facts(RUN.slot), NOON)
    lose(s3, whole.files[0].key)
    with pytest.raises(CorruptObjectError, match="is not there"):
        fetch(store, whole.files, tmp_path / "new", config=CONFIG)
    fetch(store, whole.files[1:], tmp_path / "new", config=CONFIG)
    there = [(tmp_path / "new" / one.file.path).exists() for one in whole.files]
    assert there == [False] + [True] * (len(files) - 1)


def test_a_bucket_that_cannot_be_reached_is_said(s3: "S3Client", tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachableError, match="NoSuchBucket"):
        sent(Store(s3, "no-such-bucket"), tmp_path)


def damage(s3: "S3Client", key: str) -> None:
    size = s3.head_object(Bucket=BUCKET, Key=key)["ContentLength"]
    s3.delete_object(Bucket=BUCKET, Key=key)
    s3.put_object(Bucket=BUCKET, Key=key, Body=bytes(size))


def lose(s3: "S3Client", key: str) -> None:
    s3.delete_object(Bucket=BUCKET, Key=key)


@pytest.mark.parametrize(("harm", "word"), [(damage, "is corrupt"), (lose, "is not there")])
def test_a_content_that_is_not_what_it_was_is_named_and_no_file_appears(
    store: Store,
    s3: "S3Client",
    tmp_path: Path,
    harm: Callable[["S3Client", str], None],
    word: str,
) -> None:
    (tmp_path / "disk").mkdir()
    whole = sent(store, tmp_path / "disk")
    one = next(one for one in whole.files if one.file.size == len(LARGE))
    harm(s3, one.key)
    with pytest.raises(CorruptObjectError, match=f"{one.key} {word}"):
        fetch(store, whole.files, tmp_path / "new", config=CONFIG)
    assert not (tmp_path / "new" / one.file.path).exists()


def test_a_share_of_the_network_is_a_limit() -> None:
    # An i8g.2xlarge: 4.688 Gbit/s, of which a quarter.
    assert bytes_per_second(4.688, SHARE) == 146_500_000
    assert config_for(146_500_000).max_bandwidth == 146_500_000
    for share in (0, 1.1):
        with pytest.raises(ValueError, match="share must be above 0 and at most 1"):
            bytes_per_second(4.688, share)


def test_the_largest_file_fits_into_as_many_parts_as_s3_takes() -> None:
    for largest in (1, PART_BYTES * MOST_PARTS, PART_BYTES * MOST_PARTS + 1, 5 * 10**12):
        assert config_for(None, largest).multipart_chunksize * MOST_PARTS >= largest
    assert config_for(None, 1).multipart_chunksize == PART_BYTES


def test_a_file_is_read_once_until_another_takes_its_place(tmp_path: Path) -> None:
    digests = Digests(tmp_path / "memory.json")
    place = tmp_path / "nb-1-big-Statistics.db"
    place.write_bytes(b"unrepaired")
    (first,) = digests.of([(f"{TABLE}/x", place)])
    link = tmp_path / "link"
    link.hardlink_to(place)
    (memory := tmp_path / "memory.json").write_text(
        memory.read_text().replace(first.sha256, 64 * "0")
    )
    (remembered,) = digests.of([(f"{TABLE}/x", link)])
    assert remembered.sha256 == 64 * "0"
    beside = tmp_path / "beside"
    beside.write_bytes(b"repaired!!")
    beside.replace(place)
    (read,) = digests.of([(f"{TABLE}/x", place)])
    assert replace(read, sha256="") == replace(first, sha256="")
    assert read.sha256 not in (first.sha256, 64 * "0")
