"""What outlives a ring's instances: its key, its slot table and its logs."""

from typing import Any

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from paved_road.guard import acknowledge
from paved_road.ring.arns import Arns
from paved_road_ring_agent.contract import PARTITION_KEY, SORT_KEY


class State(Construct):
    """The ring's key (rotated yearly), its slot table and the log group of its agents.

    The table says which instance holds which slot. It bills by request, because it is idle but
    for claims and leases; restores to any second of the last 35 days; and stays when its stack
    goes, unless `deletable`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        arns: Arns,
        ring: str,
        log_retention_days: int,
        deletable: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        removal = RemovalPolicy.DESTROY if deletable else RemovalPolicy.RETAIN
        key = kms.CfnKey(
            self,
            "Key",
            description=f"Slots, logs and secrets of ring {ring}",
            enable_key_rotation=True,
            key_policy=_key_policy(arns, Stack.of(self).stack_name),
        )
        key.apply_removal_policy(removal)
        self.key_arn = key.attr_arn

        table = dynamodb.CfnTable(
            self,
            "Slots",
            billing_mode="PAY_PER_REQUEST",
            attribute_definitions=[
                dynamodb.CfnTable.AttributeDefinitionProperty(
                    attribute_name=name, attribute_type="S"
                )
                for name in (PARTITION_KEY, SORT_KEY)
            ],
            key_schema=[
                dynamodb.CfnTable.KeySchemaProperty(attribute_name=PARTITION_KEY, key_type="HASH"),
                dynamodb.CfnTable.KeySchemaProperty(attribute_name=SORT_KEY, key_type="RANGE"),
            ],
            sse_specification=dynamodb.CfnTable.SSESpecificationProperty(
                sse_enabled=True, sse_type="KMS", kms_master_key_id=self.key_arn
            ),
            point_in_time_recovery_specification=(
                dynamodb.CfnTable.PointInTimeRecoverySpecificationProperty(
                    point_in_time_recovery_enabled=True
                )
            ),
            deletion_protection_enabled=not deletable,
        )
        table.apply_removal_policy(removal)
        acknowledge(
            table,
            "NIST.800.53.R5-DynamoDBInBackupPlan",
            reason="Point-in-time recovery covers 35 days. A claim older than that describes "
            "instances that are long gone, so a longer backup would restore nothing of use.",
        )
        self.table_name = table.ref
        self.table_arn = table.attr_arn

        log_group = logs.CfnLogGroup(
            self, "Logs", retention_in_days=log_retention_days, kms_key_id=self.key_arn
        )
        log_group.apply_removal_policy(removal)
        self.log_group_name = log_group.ref
        self.log_group_arn = log_group.attr_arn


def _key_policy(arns: Arns, stack_name: str) -> dict[str, Any]:
    """The account decides who uses the key; CloudWatch Logs may for this stack's log groups.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AccountAdministers",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:{arns.partition}:iam::{arns.account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "LogsEncrypt",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{arns.region}.amazonaws.com"},
                "Action": [
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                ],
                "Resource": "*",
                "Condition": {
                    "ArnLike": {
                        "kms:EncryptionContext:aws:logs:arn": arns.regional(
                            "logs", f"log-group:{stack_name}-*"
                        )
                    }
                },
            },
        ],
    }
