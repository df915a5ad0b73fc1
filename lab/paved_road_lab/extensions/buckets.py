"""Bucket properties that a template states and stock moto leaves out.

Versioning, the public access block and object lock. Bucket policies stay skipped on purpose: moto
applies statements for everybody without looking at their conditions, so that a policy which
refuses plain HTTP would refuse everything.
"""

from typing import Any

from moto.s3.models import FakeBucket, PublicAccessBlock, s3_backends


def install() -> None:
    """Apply them whenever a bucket is created or updated."""
    for method in ("create_from_cloudformation_json", "update_from_cloudformation_json"):
        _wrap(method)


def _wrap(method: str) -> None:
    stock = getattr(FakeBucket, method).__func__

    def call(cls: type[FakeBucket], *args: Any, **kwargs: Any) -> FakeBucket:
        bucket: FakeBucket = stock(cls, *args, **kwargs)
        declared = kwargs.get("cloudformation_json") or next(
            one for one in args if isinstance(one, dict)
        )
        _apply(bucket, declared.get("Properties", {}))
        return bucket

    setattr(FakeBucket, method, classmethod(call))


def _apply(bucket: FakeBucket, given: dict[str, Any]) -> None:
    status = given.get("VersioningConfiguration", {}).get("Status")
    if status:
        bucket.versioning_status = status
    if block := given.get("PublicAccessBlockConfiguration"):
        bucket.public_access_block = PublicAccessBlock(
            *(
                str(block.get(name, False)).lower()
                for name in (
                    "BlockPublicAcls",
                    "IgnorePublicAcls",
                    "BlockPublicPolicy",
                    "RestrictPublicBuckets",
                )
            )
        )
    if str(given.get("ObjectLockEnabled", "")).lower() == "true":
        rule = given.get("ObjectLockConfiguration", {}).get("Rule", {}).get("DefaultRetention", {})
        # Numbers even where the template gives none: moto adds both up whenever an object is put.
        s3_backends[bucket.account_id]["aws"].put_object_lock_configuration(
            bucket.name,
            lock_enabled=True,
            mode=rule.get("Mode"),
            days=int(rule.get("Days") or 0),
            years=int(rule.get("Years") or 0),
        )
