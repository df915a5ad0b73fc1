"""Gives a bundle to instances: an object in an artifact bucket, checked by S3 itself."""

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from paved_road_bundle.bundle import Bundle
from paved_road_bundle.errors import RefusedError
from paved_road_contract.digests import sha256_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LARGEST_PUT = 5 * 2**30
"""S3 knows a checksum of the whole object only for one that came in one piece, and takes 5 GiB.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""


@dataclass(frozen=True)
class Published:
    """Where a bundle stands, or would; `uploaded` is False if it stood there before.

    `sha256` is the bundle's identity, as rings pin it.
    """

    bucket: str
    key: str
    sha256: str
    uploaded: bool


def publish(bundle: Bundle, s3: "S3Client", bucket: str, *, dry_run: bool = False) -> Published:
    """Upload a bundle unless it is there. Another object under its key is never overwritten."""
    checksum = base64.b64encode(bytes.fromhex(sha256_of(bundle.path))).decode()
    there, found = _standing(s3, bucket, bundle.key)
    if there and found != checksum:
        raise RefusedError(
            f"s3://{bucket}/{bundle.key} is another object (SHA-256 {found or 'unknown to S3'}, "
            f"not {checksum}): a published bundle never changes; find out who put it there"
        )
    if not there and not dry_run:
        from boto3.s3.transfer import TransferConfig

        s3.upload_file(
            str(bundle.path),
            bucket,
            bundle.key,
            ExtraArgs={
                "ChecksumAlgorithm": "SHA256",
                "ChecksumSHA256": checksum,
                "ContentType": "application/x-tar",
            },
            Config=TransferConfig(multipart_threshold=LARGEST_PUT),
        )
    return Published(bucket, bundle.key, bundle.sha256, uploaded=not there)


def stands(s3: "S3Client", bucket: str, key: str) -> bool:
    """Whether something stands under the key."""
    return _standing(s3, bucket, key)[0]


def _standing(s3: "S3Client", bucket: str, key: str) -> tuple[bool, str | None]:
    """Whether an object is there, and its checksum if S3 knows one of the whole object."""
    from botocore.exceptions import ClientError

    try:
        head = s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
    except ClientError as error:
        if error.response["Error"]["Code"] in {"404", "NoSuchKey", "NotFound"}:
            return False, None
        raise
    return True, head.get("ChecksumSHA256")
