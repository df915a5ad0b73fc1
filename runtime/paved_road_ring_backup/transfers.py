"""Contents on their way to the bucket and back, checked at both ends."""

import base64
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig, create_transfer_manager
from botocore.exceptions import BotoCoreError, ClientError

from paved_road_contract.digests import sha256_of
from paved_road_ring_backup.digests import HASHERS
from paved_road_ring_backup.node_manifest import Stored
from paved_road_ring_backup.plan import Plan
from paved_road_ring_backup.store import EXISTS, Store, StoreUnreachableError

AT_ONCE = 64
"""Files on their way before the oldest is waited for: what is done is noted soon, and what is wrong
is said soon, however many there are."""
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
    waiting: deque[tuple[str, str, Any]] = deque()

    def settle(most: int) -> None:
        while len(waiting) > most:
            sha256, key, future = waiting.popleft()
            _sent(key, future)
            note(sha256)

    with create_transfer_manager(store.client, config) as manager:
        for one in plan.uploads:
            if one.sha256 in sent:
                continue
            whole = base64.b64encode(bytes.fromhex(one.sha256)).decode()
            small = one.size < config.multipart_threshold
            checked = {"ChecksumAlgorithm": "SHA256"} | ({"ChecksumSHA256": whole} if small else {})
            key = plan.run.object(one.sha256)
            future = manager.upload(str(files[one.path]), store.bucket, key, extra_args=checked)
            waiting.append((one.sha256, key, future))
            settle(AT_ONCE)
        settle(0)


def _sent(key: str, future: Any) -> None:  # noqa: ANN401 - s3transfer's
    """Wait until a content is there, from now or from before."""
    try:
        future.result()
    except ClientError as error:
        if error.response["Error"]["Code"] != EXISTS:
            raise StoreUnreachableError(f"{key}: {error}") from error
    except _FAILURES as error:
        raise StoreUnreachableError(f"{key}: {error}") from error


def fetch(store: Store, files: Iterable[Stored], root: Path, *, config: TransferConfig) -> int:
    """Put files below `root` that are not there yet; the number of bytes that came.

    Each file appears under its name only when its checksum is right. They are not synced to disk:
    a later call, which goes on where this one stopped, compares what is there again. Raises
    `CorruptObjectError`, with the object's key, and `StoreUnreachableError`.
    """
    came = 0
    coming: deque[Future[int]] = deque()
    with (
        ThreadPoolExecutor(HASHERS) as pool,
        # Left first: what fails cancels what is under way, for which the pool's threads wait.
        create_transfer_manager(store.client, config) as manager,
    ):
        for one in files:
            place = root / one.file.path
            if place.exists() and sha256_of(place) == one.file.sha256:
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            beside = place.with_name(f"{place.name}.part")
            future = manager.download(store.bucket, one.key, str(beside))
            coming.append(pool.submit(_accept, one, future, beside, place))
            if len(coming) > AT_ONCE:
                came += coming.popleft().result()
        return came + sum(file.result() for file in coming)


def _accept(one: Stored, future: Any, beside: Path, place: Path) -> int:  # noqa: ANN401 - s3transfer's
    """Give a file that came its name; its size."""
    try:
        future.result()
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            raise CorruptObjectError(f"{one.key} is not there: {one.file.path}") from error
        raise StoreUnreachableError(f"{one.key}: {error}") from error
    except _FAILURES as error:
        raise StoreUnreachableError(f"{one.key}: {error}") from error
    found = sha256_of(beside)
    if found != one.file.sha256:
        beside.unlink()
        raise CorruptObjectError(
            f"{one.key} is corrupt: {one.file.path} of {one.run.slot.subject} should have "
            f"checksum {one.file.sha256} and has {found}"
        )
    beside.replace(place)
    return one.file.size
