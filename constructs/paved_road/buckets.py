"""What every bucket of an estate is: private, versioned, encrypted, TLS only; and log buckets."""

from collections.abc import Callable

from aws_cdk import Aws
from aws_cdk import aws_s3 as s3
from constructs import Construct

from paved_road.estate import Region
from paved_road.guard import acknowledge
from paved_road.retention import kept

LOGS_KEPT_DAYS = 365

Statement = dict[str, object]


class LogBucket(Construct):
    """Receives access logs and forgets them after a year. Exposes `bucket`.

    AWS delivers access logs only to buckets under S3's own keys, so it has no KMS key:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    `delivery` makes the statement that admits the deliverer, of the bucket's ARN.
    """

    def __init__(
        self, scope: Construct, id: str, *, delivery: Callable[[str], Statement], deletable: bool
    ) -> None:
        super().__init__(scope, id)
        bucket = s3.CfnBucket
        self.bucket = s3.CfnBucket(
            self,
            "Bucket",
            bucket_encryption=encryption("AES256"),
            versioning_configuration=versioning(),
            public_access_block_configuration=private(),
            ownership_controls=owned(),
            lifecycle_configuration=bucket.LifecycleConfigurationProperty(
                rules=[
                    bucket.RuleProperty(
                        id="a-year",
                        status="Enabled",
                        expiration_in_days=LOGS_KEPT_DAYS,
                        noncurrent_version_expiration=noncurrent(30),
                    )
                ]
            ),
        )
        kept(deletable, self.bucket)
        arn = self.bucket.attr_arn
        s3.CfnBucketPolicy(
            self,
            "Policy",
            bucket=self.bucket.ref,
            policy_document=tls_only(arn, delivery(arn)),
        )
        acknowledge(
            self.bucket,
            "AwsSolutions-S1",
            "NIST.800.53.R5-S3BucketLoggingEnabled",
            "NIST.800.53.R5-S3BucketReplicationEnabled",
            "NIST.800.53.R5-S3DefaultEncryptionKMS",
            reason="It is the log bucket: logging itself would not end, AWS delivers under S3's "
            "own keys only, and logs are kept in the region they speak of.",
        )


def bucket_name(region: Region, role: str) -> str:
    """`acme-us-east-1-backup-<account>`: at most 54 of S3's 63 characters."""
    return f"{region.estate}-{region.name}-{role}-{Aws.ACCOUNT_ID}"


def bucket_arn(region: Region, role: str) -> str:
    """Buckets are named alike in every region, so their ARNs hold none."""
    return f"arn:aws:s3:::{bucket_name(region, role)}"


def log_delivery(service: str) -> Callable[[str], Statement]:
    """Admits a service that delivers on behalf of this account alone and says so, as S3 does."""

    def statement(arn: str) -> Statement:
        return {
            "Sid": "LogDelivery",
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "s3:PutObject",
            "Resource": f"{arn}/*",
            "Condition": {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        }

    return statement


def load_balancer_logs(arn: str) -> Statement:
    """Admits logs of this account's load balancers, each under a prefix of its own.

    They are delivered under `<prefix>/AWSLogs/<account of the load balancer>/`, and a prefix may
    not hold `AWSLogs`, so the path says whose they are. There is no condition: one on a key that
    deliveries do not carry refuses them all, and what is public disagrees on whether they carry
    `aws:SourceAccount` or `aws:SourceArn`.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
    """
    return {
        "Sid": "LogDelivery",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"{arn}/*/AWSLogs/{Aws.ACCOUNT_ID}/*",
    }


def tls_only(arn: str, *statements: Statement) -> dict[str, object]:
    """A bucket policy that refuses plain HTTP and TLS before 1.2, with further statements."""

    def deny(sid: str, condition: dict[str, dict[str, str]]) -> Statement:
        return {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": condition,
        }

    return {
        "Version": "2012-10-17",
        "Statement": [
            deny("TlsOnly", {"Bool": {"aws:SecureTransport": "false"}}),
            deny("RecentTlsOnly", {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
            *statements,
        ],
    }


def encryption(algorithm: str, key_arn: str | None = None) -> s3.CfnBucket.BucketEncryptionProperty:
    """Default encryption; with a KMS key, under bucket keys, which ask KMS a hundredth as often."""
    bucket = s3.CfnBucket
    return bucket.BucketEncryptionProperty(
        server_side_encryption_configuration=[
            bucket.ServerSideEncryptionRuleProperty(
                bucket_key_enabled=True if key_arn else None,
                server_side_encryption_by_default=bucket.ServerSideEncryptionByDefaultProperty(
                    sse_algorithm=algorithm, kms_master_key_id=key_arn
                ),
            )
        ]
    )


def versioning() -> s3.CfnBucket.VersioningConfigurationProperty:
    """Nothing is overwritten."""
    return s3.CfnBucket.VersioningConfigurationProperty(status="Enabled")


def private() -> s3.CfnBucket.PublicAccessBlockConfigurationProperty:
    """No public access by list or policy."""
    return s3.CfnBucket.PublicAccessBlockConfigurationProperty(
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
    )


def owned() -> s3.CfnBucket.OwnershipControlsProperty:
    """No access lists: the bucket's owner owns every object."""
    return s3.CfnBucket.OwnershipControlsProperty(
        rules=[s3.CfnBucket.OwnershipControlsRuleProperty(object_ownership="BucketOwnerEnforced")]
    )


def noncurrent(days: int) -> s3.CfnBucket.NoncurrentVersionExpirationProperty:
    """Old versions go after `days`."""
    return s3.CfnBucket.NoncurrentVersionExpirationProperty(noncurrent_days=days)
