"""Buckets that receive access logs, and the statements that admit who delivers them."""

from collections.abc import Callable

from aws_cdk import Aws
from aws_cdk import aws_s3 as s3
from constructs import Construct

from paved_road.buckets.policy import Statement, tls_only
from paved_road.buckets.settings import encryption, noncurrent, owned, private, versioning
from paved_road.guard import acknowledge
from paved_road.retention import kept

LOGS_KEPT_DAYS = 365


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
