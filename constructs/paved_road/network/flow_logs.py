"""Who talked to whom: the VPC's flow logs, encrypted with a key of their own."""

from aws_cdk import Aws, CfnDeletionPolicy, CfnTag
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from constructs import Construct

from paved_road.estate import EstateStack
from paved_road.guard import acknowledge


class FlowLogs(Construct):
    """All accepted and rejected flows of a VPC, in a log group that outlives the stack.

    Retained unless `deletable`. Exposes `key`, `log_group` and `role`.
    """

    def __init__(
        self, scope: Construct, id: str, *, vpc_id: str, retention_days: int, deletable: bool
    ) -> None:
        super().__init__(scope, id)
        stack = EstateStack.around(self)
        policy = CfnDeletionPolicy.DELETE if deletable else CfnDeletionPolicy.RETAIN
        self.key = kms.CfnKey(
            self,
            "Key",
            description=f"Flow logs of {stack.stack_name}",
            enable_key_rotation=True,
            key_policy=_key_policy(stack),
        )
        self.log_group = logs.CfnLogGroup(
            self, "Logs", retention_in_days=retention_days, kms_key_id=self.key.attr_arn
        )
        for stateful in (self.key, self.log_group):
            stateful.cfn_options.deletion_policy = policy
            stateful.cfn_options.update_replace_policy = policy
        self.role = self._role()
        ec2.CfnFlowLog(
            self,
            "Flows",
            resource_id=vpc_id,
            resource_type="VPC",
            traffic_type="ALL",
            max_aggregation_interval=60,
            log_destination_type="cloud-watch-logs",
            log_group_name=self.log_group.ref,
            deliver_logs_permission_arn=self.role.attr_arn,
            tags=[CfnTag(key="Name", value=stack.stack_name)],
        )

    def _role(self) -> iam.CfnRole:
        """https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html"""
        role = iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document=iam.PolicyDocument(
                statements=[
                    iam.PolicyStatement(
                        principals=[iam.ServicePrincipal("vpc-flow-logs.amazonaws.com")],
                        actions=["sts:AssumeRole"],
                        conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
                    )
                ]
            ),
            policies=[
                iam.CfnRole.PolicyProperty(
                    policy_name="write-flow-logs",
                    policy_document=iam.PolicyDocument(
                        statements=[
                            iam.PolicyStatement(
                                actions=[
                                    "logs:CreateLogStream",
                                    "logs:DescribeLogStreams",
                                    "logs:PutLogEvents",
                                ],
                                resources=[self.log_group.attr_arn],
                            )
                        ]
                    ),
                )
            ],
        )
        acknowledge(
            role,
            "AwsSolutions-IAM5",
            "NIST.800.53.R5-IAMNoInlinePolicy",
            reason="The policy serves this role alone and names one log group, whose ARN ends in "
            "a wildcard for its streams; a managed policy would only add an indirection.",
        )
        return role


def _key_policy(stack: EstateStack) -> iam.PolicyDocument:
    """The account administers, CloudWatch Logs uses it for this stack's log groups.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    """
    log_groups = f"arn:aws:logs:{stack.region}:{Aws.ACCOUNT_ID}:log-group:{stack.stack_name}-*"
    return iam.PolicyDocument(
        statements=[
            iam.PolicyStatement(
                sid="AccountAdministers",
                principals=[iam.AccountRootPrincipal()],
                actions=["kms:*"],
                resources=["*"],
            ),
            iam.PolicyStatement(
                sid="LogsOfThisStack",
                principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
                actions=[
                    "kms:Decrypt",
                    "kms:DescribeKey",
                    "kms:Encrypt",
                    "kms:GenerateDataKey*",
                    "kms:ReEncrypt*",
                ],
                resources=["*"],
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            ),
        ]
    )
