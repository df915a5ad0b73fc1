"""The bucket as backups use it: every key is written once, and small things are read whole."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.documents import ManifestError
from paved_road_ring_backup.keys import Past, Run, stamp
from paved_road_ring_backup.ring_manifest import Part, RingManifest

EXISTS = "PreconditionFailed"
_CREATES = ("PutObject", "CompleteMultipartUpload")


class StoreUnreachableError(Exception):
    """Nobody knows what the bucket holds: a timeout, a refused call, no credentials."""


def write_once(client: Any) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """Have a client create objects only where none is, through the transfer manager too.

    The transfer manager takes no conditions, so they are added where its calls begin. Where an
    object is, S3 answers `EXISTS`:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    """
    for operation in _CREATES:
        client.meta.events.register(f"provide-client-params.s3.{operation}", _only_if_none)
    return client


def _only_if_none(params: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401 - botocore's
    return {**params, "IfNoneMatch": "*"}


class Store:
    """One bucket, through a client of `write_once`. All raise `StoreUnreachableError`."""

    def __init__(self, client: Any, bucket: str) -> None:  # noqa: ANN401 - as above
        self.client, self.bucket = write_once(client), bucket

    def put(self, key: str, content: bytes) -> bool:
        """Store it; false if something is there already, which stays."""
        try:
            self.client.put_object(
                Bucket=self.bucket, Key=key, Body=content, ChecksumAlgorithm="SHA256"
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == EXISTS:
                return False
            raise StoreUnreachableError(f"{key}: {error}") from error
        except BotoCoreError as error:
            raise StoreUnreachableError(f"{key}: {error}") from error
        return True

    def get(self, key: str) -> bytes | None:
        """What is stored there; None if nothing is."""
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=key, ChecksumMode="ENABLED")
            content: bytes = answer["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise StoreUnreachableError(f"{key}: {error}") from error
        except BotoCoreError as error:
            raise StoreUnreachableError(f"{key}: {error}") from error
        return content

    def newest_part(self, past: Past, slot: Slot, epoch: int, since: int) -> Part | None:
        """Of the newest run of an owner that began at `since` or later and came to its end."""
        owner = past.owner_prefix(slot, epoch)
        # A folder sorts after its moment without the slash.
        for folder in reversed(self.folders(owner, f"{owner}{stamp(since)}")):
            content = self.get(Run.of(folder).part)
            if content is not None:
                return Part.from_json(content)
        return None

    def newest_set(self, past: Past, until: int) -> RingManifest | None:
        """The last ring manifest whose rows are all from `until` or before; None if none is.

        Its own moment may be later: what counts is when its newest snapshot was through.
        """
        for key in reversed(self.keys(past.sets)):
            content = self.get(key)
            if content is None:
                raise ManifestError(f"{key} was listed and is not there")
            found = RingManifest.from_json(content)
            if found.settled <= until:
                return found
        return None

    def folders(self, prefix: str, after: str = "") -> list[str]:
        """Those right below a prefix, in order."""
        pages = self._pages(Prefix=prefix, Delimiter="/", StartAfter=after)
        return [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", ())]

    def keys(self, prefix: str) -> list[str]:
        """All below a prefix, in order."""
        return [*self.sizes(prefix)]

    def sizes(self, prefix: str) -> dict[str, int]:
        """Bytes of all below a prefix by their keys, in order."""
        return {key: size for key, size, _ in self.objects(prefix)}

    def objects(self, prefix: str) -> list[tuple[str, int, float]]:
        """Of all below a prefix key, bytes, and seconds since 1970 when it was written."""
        return [
            (one["Key"], one["Size"], one["LastModified"].timestamp())
            for page in self._pages(Prefix=prefix)
            for one in page.get("Contents", ())
        ]

    def _pages(self, **given: str) -> list[dict[str, Any]]:
        try:
            paginator = self.client.get_paginator("list_objects_v2")
            return list(paginator.paginate(Bucket=self.bucket, **given))
        except (BotoCoreError, ClientError) as error:
            raise StoreUnreachableError(f"{given['Prefix']}: {error}") from error
