"""The artifact bucket of a region: bundles, published before what starts from them."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from paved_road.artifacts.view import ARTIFACTS, ArtifactView
from paved_road.buckets import (
    LogBucket,
    bucket_arn,
    bucket_name,
    encryption,
    log_delivery,
    noncurrent,
    owned,
    private,
    tls_only,
    versioning,
)
from paved_road.estate import EstateStack, Region, publish
from paved_road.guard import acknowledge_each
from paved_road.keys import key
from paved_road.retention import kept

NONCURRENT_DAYS = 90
"""A published bundle never changes: an old version is what went wrong, with time to look at it."""


class ArtifactBucket(Construct):
    """What a region's instances start from: versioned, encrypted, TLS only, private, logged.

    Current objects stay for good, because any launch template may name them. Whoever publishes
    needs a role of its own; instances read what they were granted and can write nothing.

    - `deletable`: goes with its stack, once it is empty.

    Publishes `BucketName`, `BucketArn` and `KeyArn`.
    """

    def __init__(
        self, scope: Construct, id: str, *, region: Region, deletable: bool = False
    ) -> None:
        super().__init__(scope, id)
        self.key = key(
            self,
            "Key",
            description=f"{ARTIFACTS} bucket of {region.estate} in {region.name}",
            deletable=deletable,
        )
        alias = f"alias/{region.estate}-{ARTIFACTS}"
        kms.CfnAlias(self, "Alias", alias_name=alias, target_key_id=self.key.ref)
        self.logs = LogBucket(
            self, "Logs", delivery=log_delivery("logging.s3.amazonaws.com"), deletable=deletable
        )
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_name=bucket_name(region, ARTIFACTS),
            bucket_encryption=encryption("aws:kms", self.key.attr_arn),
            versioning_configuration=versioning(),
            public_access_block_configuration=private(),
            ownership_controls=owned(),
            lifecycle_configuration=_lifecycle(),
            logging_configuration=s3.CfnBucket.LoggingConfigurationProperty(
                destination_bucket_name=self.logs.bucket.ref, log_file_prefix=f"{ARTIFACTS}/"
            ),
        )
        s3.CfnBucketPolicy(
            self,
            "Policy",
            bucket=self.bucket.ref,
            policy_document=tls_only(
                self.bucket.attr_arn, _instances_only_read(self.bucket.attr_arn)
            ),
        )
        kept(deletable, self.bucket)
        acknowledge_each(
            self.bucket,
            {
                "NIST.800.53.R5-S3BucketDefaultLockEnabled": "What an instance runs is pinned by "
                "checksum in its launch template, so a changed object runs nowhere; versions keep "
                "what was overwritten or deleted.",
                "NIST.800.53.R5-S3BucketReplicationEnabled": "Every region's bucket is published "
                "to on its own, so that a region needs no other one, and all can be built anew.",
            },
        )
        self.view = ArtifactView(
            bucket_name(region, ARTIFACTS), bucket_arn(region, ARTIFACTS), self.key.attr_arn
        )
        stack = EstateStack.around(self)
        publish(stack, "BucketName", self.view.bucket_name, "Where bundles are published")
        publish(stack, "BucketArn", self.view.bucket_arn, "For policies on artifacts")
        publish(stack, "KeyArn", self.view.key_arn, "Encrypts the artifacts")

    @staticmethod
    def from_estate(scope: Construct, region: Region) -> ArtifactView:
        """The region's artifact bucket, found by its stack's name and read from its outputs."""
        return ArtifactView.from_estate(scope, region)


def _instances_only_read(arn: str) -> dict[str, object]:
    """Whatever an instance's role is granted elsewhere: it can't change what others start from."""
    return {
        "Sid": "InstancesOnlyRead",
        "Effect": "Deny",
        "Principal": "*",
        "NotAction": ["s3:GetObject", "s3:GetObjectVersion"],
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"StringLike": {"ec2:SourceInstanceARN": "*"}},
    }


def _lifecycle() -> s3.CfnBucket.LifecycleConfigurationProperty:
    bucket = s3.CfnBucket
    return bucket.LifecycleConfigurationProperty(
        rules=[
            bucket.RuleProperty(
                id="old-versions",
                status="Enabled",
                noncurrent_version_expiration=noncurrent(NONCURRENT_DAYS),
                abort_incomplete_multipart_upload=(
                    bucket.AbortIncompleteMultipartUploadProperty(days_after_initiation=7)
                ),
            )
        ]
    )
