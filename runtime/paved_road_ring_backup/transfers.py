"""Contents on their way to the bucket and back, checked at both ends."""

import base64
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig, create_transfer_manager
from botocore.exceptions import BotoCoreError, ClientError

from paved_road_ring_backup.digests import sha256_of
from paved_road_ring_backup.node_manifest import Stored
from paved_road_ring_backup.plan import Plan
from paved_road_ring_backup.store import EXISTS, Store, StoreUnreachableError

_FAILURES = (Boto3Error, BotoCoreError, ClientError)


class CorruptObjectError(Exception):
    """A content that is not what its manifest says, or is not there."""


def send(
    store: Store,
    plan: Plan,
    files: Mapping[str, Path],
    *,
    config: TransferConfig,
    sent: Collection[str] = (),
    note: Callable[[str], None] = lambda _: None,
) -> None:
    """Store all of a plan's contents that are not among `sent`, and `note` each that is.

    `files` are where they are, by path. S3 compares checksums of what came: a small content's own,
    as the manifest has it, and one of each part of a large one. What is in the run's folder already
    came there the same way. Raises `StoreUnreachableError`; a later call goes on where it stopped.
    """
    waiting = []
    with create_transfer_manager(store.client, config) as manager:
        for one in plan.uploads:
            if one.sha256 in sent:
                continue
            whole = base64.b64encode(bytes.fromhex(one.sha256)).decode()
            small = one.size < config.multipart_threshold
            checked = {"ChecksumSHA256": whole} if small else {"ChecksumAlgorithm": "SHA256"}
            key = plan.run.object(one.sha256)
            future = manager.upload(str(files[one.path]), store.bucket, key, extra_args=checked)
            waiting.append((one.sha256, key, future))
        for sha256, key, future in waiting:
            try:
                future.result()
            except ClientError as error:
                if error.response["Error"]["Code"] != EXISTS:
                    raise StoreUnreachableError(f"{key}: {error}") from error
            except _FAILURES as error:
                raise StoreUnreachableError(f"{key}: {error}") from error
            note(sha256)


def fetch(store: Store, files: Iterable[Stored], root: Path, *, config: TransferConfig) -> int:
    """Put files below `root` that are not there yet; the number of bytes that came.

    Each file appears under its name only when its checksum is right. Raises `CorruptObjectError`,
    with the object's key, and `StoreUnreachableError`; a later call goes on where it stopped.
    """
    waiting = []
    came = 0
    with create_transfer_manager(store.client, config) as manager:
        for one in files:
            place = root / one.file.path
            if place.exists() and sha256_of(place) == one.file.sha256:
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f"{place.name}.part")
            waiting.append((one, beside, manager.download(store.bucket, one.key, str(beside))))
        for one, beside, future in waiting:
            try:
                future.result()
            except ClientError as error:
                if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                    raise CorruptObjectError(f"{one.key} is not there: {one.file.path}") from error
                raise StoreUnreachableError(f"{one.key}: {error}") from error
            except _FAILURES as error:
                raise StoreUnreachableError(f"{one.key}: {error}") from error
            _accept(one, beside, root / one.file.path)
            came += one.file.size
    return came


def _accept(one: Stored, beside: Path, place: Path) -> None:
    found = sha256_of(beside)
    if found != one.file.sha256:
        beside.unlink()
        raise CorruptObjectError(
            f"{one.key} is corrupt: {one.file.path} of {one.run.slot.subject} should have "
            f"checksum {one.file.sha256} and has {found}"
        )
    with beside.open("rb") as stream:
        os.fsync(stream.fileno())
    beside.replace(place)
