"""The artifact bucket of a region: bundles, published before what starts from them."""

from aws_cdk import aws_s3 as s3
from constructs import Construct

from paved_road.artifacts.view import ARTIFACTS, ArtifactView
from paved_road.buckets import Statement, bucket_arn, bucket_name, keyed_bucket, noncurrent
from paved_road.estate import EstateStack, Region, publish
from paved_road.guard import acknowledge_each

NONCURRENT_DAYS = 90
"""A published bundle never changes: an old version is what went wrong, with time to look at it."""


class ArtifactBucket(Construct):
    """What a region's instances start from: versioned, encrypted, TLS only, private, logged.

    Current objects stay for good, because any ring or release may name them. Whoever publishes
    needs a role of its own; instances read what they were granted and can write nothing.

    - `deletable`: goes with its stack, once it is empty.

    Publishes `BucketName`, `BucketArn` and `KeyArn`.
    """

    def __init__(
        self, scope: Construct, id: str, *, region: Region, deletable: bool = False
    ) -> None:
        super().__init__(scope, id)
        made = keyed_bucket(
            self,
            region=region,
            role=ARTIFACTS,
            refusals=lambda arn: [_instances_only_read(arn)],
            lifecycle_configuration=_lifecycle(),
            deletable=deletable,
        )
        self.key, self.logs, self.bucket = made.key, made.logs, made.bucket
        acknowledge_each(
            self.bucket,
            {
                "NIST.800.53.R5-S3BucketDefaultLockEnabled": "What an instance runs is pinned by "
                "checksum in its stack, so a changed object runs nowhere; versions keep "
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


def _instances_only_read(arn: str) -> Statement:
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
