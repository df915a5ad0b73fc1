"""An emulated bucket, versioned as the estate's are, and files on a disk."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from paved_road_contract.digests import sha256_of
from paved_road_ring_backup.node_manifest import File
from paved_road_ring_backup.store import Store
from tests.backup.stories import TABLE
from tests.buckets import emulated_bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "acme-backup"


@pytest.fixture
def s3() -> Iterator["S3Client"]:
    with emulated_bucket(BUCKET) as client:
        yield client


@pytest.fixture
def store(s3: "S3Client") -> Store:
    return Store(s3, BUCKET)


def write(folder: Path, contents: dict[str, bytes]) -> tuple[list[File], dict[str, Path]]:
    """Files of a table, and where each is."""
    places = {f"{TABLE}/{name}": folder / name for name in contents}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    files = [
        File(path=path, size=place.stat().st_size, sha256=sha256_of(place))
        for path, place in places.items()
    ]
    return files, places


@contextmanager
def outage(s3: "S3Client", operation: str, after: int = 0) -> Iterator[None]:
    """S3 cannot be reached by this operation once it was used so often."""
    used = []

    def fail(**_: Any) -> None:
        used.append(1)
        if len(used) > after:
            raise EndpointConnectionError(endpoint_url="https://s3")

    s3.meta.events.register_first(f"provide-client-params.s3.{operation}", fail)
    yield
    s3.meta.events.unregister(f"provide-client-params.s3.{operation}", fail)
