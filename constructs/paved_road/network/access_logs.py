"""Where a region's load balancers write who called them."""

from aws_cdk import Aws, CfnDeletionPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from paved_road.guard import acknowledge

KEPT_DAYS = 365


class AccessLogs(Construct):
    """A bucket for access logs: private, TLS only, versioned, emptied by age after a year.

    Load balancers deliver only to buckets under S3's own keys, so this one has no KMS key:
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """

    def __init__(self, scope: Construct, id: str, *, deletable: bool) -> None:
        super().__init__(scope, id)
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_encryption=s3.CfnBucket.BucketEncryptionProperty(
                server_side_encryption_configuration=[
                    s3.CfnBucket.ServerSideEncryptionRuleProperty(
                        server_side_encryption_by_default=(
                            s3.CfnBucket.ServerSideEncryptionByDefaultProperty(
                                sse_algorithm="AES256"
                            )
                        )
                    )
                ]
            ),
            public_access_block_configuration=(
                s3.CfnBucket.PublicAccessBlockConfigurationProperty(
                    block_public_acls=True,
                    block_public_policy=True,
                    ignore_public_acls=True,
                    restrict_public_buckets=True,
                )
            ),
            ownership_controls=s3.CfnBucket.OwnershipControlsProperty(
                rules=[
                    s3.CfnBucket.OwnershipControlsRuleProperty(
                        object_ownership="BucketOwnerEnforced"
                    )
                ]
            ),
            versioning_configuration=s3.CfnBucket.VersioningConfigurationProperty(status="Enabled"),
            lifecycle_configuration=s3.CfnBucket.LifecycleConfigurationProperty(
                rules=[
                    s3.CfnBucket.RuleProperty(
                        id="a-year",
                        status="Enabled",
                        expiration_in_days=KEPT_DAYS,
                        noncurrent_version_expiration=(
                            s3.CfnBucket.NoncurrentVersionExpirationProperty(noncurrent_days=30)
                        ),
                        abort_incomplete_multipart_upload=(
                            s3.CfnBucket.AbortIncompleteMultipartUploadProperty(
                                days_after_initiation=7
                            )
                        ),
                    )
                ]
            ),
        )
        kept = CfnDeletionPolicy.DELETE if deletable else CfnDeletionPolicy.RETAIN
        self.bucket.cfn_options.deletion_policy = kept
        self.bucket.cfn_options.update_replace_policy = kept
        acknowledge(
            self.bucket,
            "AwsSolutions-S1",
            "NIST.800.53.R5-S3BucketLoggingEnabled",
            "NIST.800.53.R5-S3BucketReplicationEnabled",
            "NIST.800.53.R5-S3DefaultEncryptionKMS",
            reason="It is the log bucket: logging itself would not end, load balancers deliver "
            "under S3's own keys only, and logs are kept in the region they speak of.",
        )
        self.policy = s3.CfnBucketPolicy(
            self, "Policy", bucket=self.bucket.ref, policy_document=self._policy()
        )

    def _policy(self) -> dict[str, object]:
        arn = self.bucket.attr_arn
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "TlsOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [arn, f"{arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                {
                    "Sid": "LoadBalancersOfThisAccount",
                    "Effect": "Allow",
                    "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
                    "Action": "s3:PutObject",
                    "Resource": f"{arn}/*",
                    "Condition": {
                        "ArnLike": {
                            "aws:SourceArn": f"arn:aws:elasticloadbalancing:{Aws.REGION}:"
                            f"{Aws.ACCOUNT_ID}:loadbalancer/*"
                        }
                    },
                },
            ],
        }
