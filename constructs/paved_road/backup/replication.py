"""Copies of backups in another region, within fifteen minutes, and alarms when they lag."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from paved_road.backup.names import BACKUP, REPLICA
from paved_road.buckets import bucket_arn, bucket_name, key_alias
from paved_road.estate import Region
from paved_road.guard import acknowledge
from paved_road.monitoring import Metric, Watch

RULE = "everything"
MINUTES = 15
"""What S3's replication time control promises:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html"""


def replication_role(scope: Construct, id: str, *, region: Region, to: Region) -> iam.CfnRole:
    """Reads the backup bucket and its key, writes replicas under the other region's key.

    Keys are named by alias, since only that can be computed, and narrowed to the bucket whose
    bucket key they make; making one in the vault takes decryption there as well:
    https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html
    """
    source, copies = bucket_arn(region, BACKUP), bucket_arn(to, REPLICA)

    def key(sid: str, actions: list[str], where: Region, role: str) -> dict[str, object]:
        return {
            "Sid": sid,
            "Effect": "Allow",
            "Action": actions,
            "Resource": f"arn:aws:kms:{where.name}:{Aws.ACCOUNT_ID}:key/*",
            "Condition": {
                "ForAnyValue:StringEquals": {"kms:ResourceAliases": key_alias(where, role)},
                "StringEquals": {
                    "kms:EncryptionContext:aws:s3:arn": bucket_arn(where, role),
                    "kms:ViaService": f"s3.{where.name}.amazonaws.com",
                },
            },
        }

    role = iam.CfnRole(
        scope,
        id,
        assume_role_policy_document={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "s3.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
                }
            ],
        },
        policies=[
            iam.CfnRole.PolicyProperty(
                policy_name="replicate",
                policy_document={
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Sid": "ReadSource",
                            "Effect": "Allow",
                            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
                            "Resource": source,
                        },
                        {
                            "Sid": "ReadVersions",
                            "Effect": "Allow",
                            "Action": [
                                "s3:GetObjectLegalHold",
                                "s3:GetObjectRetention",
                                "s3:GetObjectVersionAcl",
                                "s3:GetObjectVersionForReplication",
                                "s3:GetObjectVersionTagging",
                            ],
                            "Resource": f"{source}/*",
                        },
                        {
                            "Sid": "WriteCopies",
                            "Effect": "Allow",
                            "Action": ["s3:ReplicateObject", "s3:ReplicateTags"],
                            "Resource": f"{copies}/*",
                        },
                        key("ReadKey", ["kms:Decrypt"], region, BACKUP),
                        key("WriteKey", ["kms:Decrypt", "kms:Encrypt"], to, REPLICA),
                    ],
                },
            )
        ],
    )
    account = "<AWS::AccountId>"
    acknowledge(
        role,
        "NIST.800.53.R5-IAMNoInlinePolicy",
        *(
            f"AwsSolutions-IAM5[Resource::{resource}/*]".replace(Aws.ACCOUNT_ID, account)
            for resource in (
                source,
                copies,
                f"arn:aws:kms:{region.name}:{Aws.ACCOUNT_ID}:key",
                f"arn:aws:kms:{to.name}:{Aws.ACCOUNT_ID}:key",
            )
        ),
        reason="Replication concerns every object of two named buckets, and keys are narrowed by "
        "alias and service in conditions. The policy serves this one role.",
    )
    return role


def replication(role: iam.CfnRole, to: Region) -> s3.CfnBucket.ReplicationConfigurationProperty:
    """Everything, with its encryption, timed and measured.

    Delete markers are not copied: a deletion here must not hide the copy there.
    """
    bucket = s3.CfnBucket
    time = bucket.ReplicationTimeValueProperty(minutes=MINUTES)
    return bucket.ReplicationConfigurationProperty(
        role=role.attr_arn,
        rules=[
            bucket.ReplicationRuleProperty(
                id=RULE,
                status="Enabled",
                priority=1,
                filter=bucket.ReplicationRuleFilterProperty(prefix=""),
                delete_marker_replication=bucket.DeleteMarkerReplicationProperty(status="Disabled"),
                source_selection_criteria=bucket.SourceSelectionCriteriaProperty(
                    sse_kms_encrypted_objects=bucket.SseKmsEncryptedObjectsProperty(
                        status="Enabled"
                    )
                ),
                destination=bucket.ReplicationDestinationProperty(
                    bucket=bucket_arn(to, REPLICA),
                    encryption_configuration=bucket.EncryptionConfigurationProperty(
                        replica_kms_key_id=f"arn:aws:kms:{to.name}:{Aws.ACCOUNT_ID}:"
                        f"{key_alias(to, REPLICA)}"
                    ),
                    replication_time=bucket.ReplicationTimeProperty(status="Enabled", time=time),
                    metrics=bucket.MetricsProperty(status="Enabled", event_threshold=time),
                ),
            )
        ],
    )


def failure_watch(region: Region, to: Region) -> Watch:
    """Objects that were not copied; counted where they come from.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/repl-metrics.html
    """
    return Watch(
        id="ReplicationFails",
        meaning=f"objects were not copied to {to.name} and will not be by themselves",
        metric=_metric("OperationsFailedReplication", region, to, "Sum"),
        bound=0,
        minutes=1,
    )


def lag_watch(region: Region, to: Region) -> Watch:
    """How far copies are behind; S3 measures that where they go, so it is watched there."""
    return Watch(
        id=f"ReplicationLagsFrom{region.name}",
        meaning=f"copies of backups in {region.name} are more than {MINUTES} minutes behind",
        metric=_metric("ReplicationLatency", region, to, "Maximum"),
        bound=MINUTES * 60,
        minutes=5,
    )


def _metric(name: str, region: Region, to: Region, statistic: str) -> Metric:
    return Metric(
        namespace="AWS/S3",
        name=name,
        dimensions={
            "SourceBucket": bucket_name(region, BACKUP),
            "DestinationBucket": bucket_name(to, REPLICA),
            "RuleId": RULE,
        },
        statistic=statistic,
    )
