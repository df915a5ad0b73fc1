"""Buckets: encryption, versioning, public access block and object lock as declared."""

from collections.abc import Iterator
from typing import Any

from paved_road_lab.proof.claim import Check, compare
from paved_road_lab.proof.deployed import Deployed


def buckets(deployed: Deployed) -> Iterator[Check]:
    """Every bucket of a stack, four properties each."""
    s3 = deployed.client("s3")
    for name, declared in deployed.of_type("AWS::S3::Bucket"):
        encryption = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
        algorithm = encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
        blocked = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
        yield compare(
            f"{deployed.stack.name} {name}",
            "encryption, versioning, public access block and object lock",
            (
                algorithm,
                s3.get_bucket_versioning(Bucket=name).get("Status"),
                all(blocked.values()) and len(blocked) == 4,
                _lock(s3, name),
            ),
            (_declared_algorithm(declared), "Enabled", True, _declared_lock(declared)),
        )


def _lock(s3: Any, name: str) -> object:  # noqa: ANN401 - boto3 makes its clients at run time
    from botocore.exceptions import ClientError

    try:
        found = s3.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"]
    except ClientError:
        return None
    retention = found.get("Rule", {}).get("DefaultRetention")
    return (retention["Mode"], int(retention["Days"])) if retention else None


def _declared_lock(declared: dict[str, Any]) -> object:
    rule = declared.get("ObjectLockConfiguration", {}).get("Rule")
    return (rule["DefaultRetention"]["Mode"], rule["DefaultRetention"]["Days"]) if rule else None


def _declared_algorithm(declared: dict[str, Any]) -> str:
    (rule,) = declared["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    return str(rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"])
