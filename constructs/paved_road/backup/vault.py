"""A bucket that keeps what it is given: the common part of backups and their copies."""

from aws_cdk import aws_s3 as s3
from constructs import Construct

from paved_road.backup.lock import ObjectLock
from paved_road.buckets import Statement, keyed_bucket, noncurrent
from paved_road.estate import Region
from paved_road.guard import acknowledge

COOL_AFTER_DAYS, COLD_AFTER_DAYS = 30, 90
"""Restores come from the last weeks, and a day at least is paid in each tier:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html"""

ADMINISTRATION = (
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObjectVersion",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutReplicationConfiguration",
)
"""What nobody's role gets by an estate's template. A node that could delete versions could be made
to delete its backups."""


class Vault(Construct):
    """Versioned, encrypted with a key of its own, TLS only, private, locked, logged, retained.

    Old versions leave after the lock and a week. `logs` receives access logs.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        region: Region,
        role: str,
        object_lock: ObjectLock | None,
        replication: s3.CfnBucket.ReplicationConfigurationProperty | None,
        deletable: bool,
    ) -> None:
        super().__init__(scope, id)
        made = keyed_bucket(
            self,
            region=region,
            role=role,
            refusals=_instances_only_add,
            key_refusals=[_instances_only_use],
            lifecycle_configuration=_lifecycle(object_lock),
            object_lock_enabled=object_lock is not None,
            object_lock_configuration=_lock(object_lock),
            replication_configuration=replication,
            deletable=deletable,
        )
        self.key, self.logs, self.bucket = made.key, made.logs, made.bucket
        if object_lock is None:
            acknowledge(
                self.bucket,
                "NIST.800.53.R5-S3BucketDefaultLockEnabled",
                reason="Backups of an estate that is deleted with its stacks are not locked.",
            )
        if replication is None:
            acknowledge(
                self.bucket,
                "NIST.800.53.R5-S3BucketReplicationEnabled",
                reason="Copies are not copied again, and an estate of one region has nowhere to.",
            )


KEY_ADMINISTRATION = (
    "kms:CreateGrant",
    "kms:DeleteImportedKeyMaterial",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:UpdateAlias",
)
"""Without its key a backup is noise, however well its bucket is locked."""
INSTANCES = {"StringLike": {"ec2:SourceInstanceARN": "*"}}
"""Calls with the credentials that an instance was given, from wherever they are made.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
_instances_only_use: Statement = {
    "Sid": "InstancesKeepTheKey",
    "Effect": "Deny",
    "Principal": "*",
    "Action": list(KEY_ADMINISTRATION),
    "Resource": "*",
    "Condition": INSTANCES,
}


def _instances_only_add(arn: str) -> list[Statement]:
    """Roles of the estate's instances can neither delete versions nor loosen the lock.

    Nor can they write over what is there: who takes a node over hides no backup behind an object of
    his own. Parts of a large object carry no such header, so only what creates objects is held to
    it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    Administrators of the account are not named, so nobody is locked out.
    """
    return [
        {
            "Sid": "InstancesKeepVersions",
            "Effect": "Deny",
            "Principal": "*",
            "Action": list(ADMINISTRATION),
            "Resource": [arn, f"{arn}/*"],
            "Condition": INSTANCES,
        },
        {
            "Sid": "InstancesWriteOnce",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:PutObject",
            "Resource": f"{arn}/*",
            "Condition": {
                **INSTANCES,
                "Null": {"s3:if-none-match": "true"},
                "Bool": {"s3:ObjectCreationOperation": "true"},
            },
        },
    ]


def _lock(object_lock: ObjectLock | None) -> s3.CfnBucket.ObjectLockConfigurationProperty | None:
    if object_lock is None:
        return None
    return s3.CfnBucket.ObjectLockConfigurationProperty(
        object_lock_enabled="Enabled",
        rule=s3.CfnBucket.ObjectLockRuleProperty(
            default_retention=s3.CfnBucket.DefaultRetentionProperty(
                days=object_lock.days, mode=object_lock.mode.value
            )
        ),
    )


def _lifecycle(object_lock: ObjectLock | None) -> s3.CfnBucket.LifecycleConfigurationProperty:
    """Current versions cool down and stay; what a kept manifest needs is decided by its owner."""
    bucket = s3.CfnBucket
    return bucket.LifecycleConfigurationProperty(
        rules=[
            bucket.RuleProperty(
                id="tiers",
                status="Enabled",
                transitions=[
                    bucket.TransitionProperty(
                        storage_class="STANDARD_IA", transition_in_days=COOL_AFTER_DAYS
                    ),
                    bucket.TransitionProperty(
                        storage_class="GLACIER_IR", transition_in_days=COLD_AFTER_DAYS
                    ),
                ],
                noncurrent_version_expiration=noncurrent(
                    (object_lock.days if object_lock else 0) + 7
                ),
                abort_incomplete_multipart_upload=(
                    bucket.AbortIncompleteMultipartUploadProperty(days_after_initiation=7)
                ),
            )
        ]
    )
