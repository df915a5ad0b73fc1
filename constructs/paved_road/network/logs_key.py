"""The key of a region's log groups: flow logs and the logs of services."""

from aws_cdk import Aws
from aws_cdk import aws_kms as kms
from constructs import Construct

from paved_road.estate import Region
from paved_road.keys import key


def logs_key(scope: Construct, id: str, *, region: Region, deletable: bool) -> kms.CfnKey:
    """A rotating key that CloudWatch Logs may use for log groups of this estate alone.

    CloudFormation names log groups after their stack, and stacks begin with the estate's name.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    log_groups = f"arn:aws:logs:{region.name}:{Aws.ACCOUNT_ID}:log-group:{region.estate}-*"
    return key(
        scope,
        id,
        description=f"Log groups of {region.estate} in {region.name}",
        deletable=deletable,
        statements=[
            {
                "Sid": "LogsOfThisEstate",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{region.name}.amazonaws.com"},
                "Action": [
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey*",
                    "kms:ReEncrypt*",
                ],
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            }
        ],
    )
