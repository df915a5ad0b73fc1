"""A bucket with a key and access logs of its own: what artifacts and backups have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from paved_road.buckets.logs import LogBucket, log_delivery
from paved_road.buckets.names import bucket_name, key_alias
from paved_road.buckets.policy import Statement, tls_only
from paved_road.buckets.settings import encryption, owned, private, versioning
from paved_road.estate import Region
from paved_road.keys import key
from paved_road.retention import kept


@dataclass(frozen=True)
class KeyedBucket:
    """What `keyed_bucket` made."""

    key: kms.CfnKey
    logs: LogBucket
    bucket: s3.CfnBucket


def keyed_bucket(
    scope: Construct,
    *,
    region: Region,
    role: str,
    refusals: Callable[[str], list[Statement]],
    lifecycle_configuration: s3.CfnBucket.LifecycleConfigurationProperty,
    deletable: bool,
    key_refusals: Sequence[Statement] = (),
    object_lock_enabled: bool | None = None,
    object_lock_configuration: s3.CfnBucket.ObjectLockConfigurationProperty | None = None,
    replication_configuration: s3.CfnBucket.ReplicationConfigurationProperty | None = None,
) -> KeyedBucket:
    """Make the one bucket of `scope`: versioned, encrypted, TLS only, private, logged, retained.

    - `role`: what it is for; part of its name, its key's alias and its logs' prefix.
    - `refusals`: statements that say what nobody may do, of the bucket's ARN.
    - `lifecycle_configuration`: when versions move and go; every bucket has to say.
    - `deletable`: goes with its stack.
    - `key_refusals`: what nobody may do with the key; by default the account's policies decide.
    - `object_lock_enabled`, `object_lock_configuration`, `replication_configuration`: as S3 has
      them; by default nothing is locked and nothing copied.

    Its parts stand in `scope` itself: another id would be another bucket.
    """
    made = key(
        scope,
        "Key",
        description=f"{role} bucket of {region.estate} in {region.name}",
        deletable=deletable,
        statements=key_refusals,
    )
    kms.CfnAlias(scope, "Alias", alias_name=key_alias(region, role), target_key_id=made.ref)
    logs = LogBucket(
        scope, "Logs", delivery=log_delivery("logging.s3.amazonaws.com"), deletable=deletable
    )
    bucket = s3.CfnBucket(
        scope,
        "Bucket",
        bucket_name=bucket_name(region, role),
        bucket_encryption=encryption("aws:kms", made.attr_arn),
        versioning_configuration=versioning(),
        public_access_block_configuration=private(),
        ownership_controls=owned(),
        lifecycle_configuration=lifecycle_configuration,
        logging_configuration=s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=logs.bucket.ref, log_file_prefix=f"{role}/"
        ),
        object_lock_enabled=object_lock_enabled,
        object_lock_configuration=object_lock_configuration,
        replication_configuration=replication_configuration,
    )
    arn = bucket.attr_arn
    s3.CfnBucketPolicy(
        scope, "Policy", bucket=bucket.ref, policy_document=tls_only(arn, *refusals(arn))
    )
    kept(deletable, bucket)
    return KeyedBucket(made, logs, bucket)
