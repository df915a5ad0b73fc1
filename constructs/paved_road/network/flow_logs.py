"""Who talked to whom: the VPC's flow logs."""

from aws_cdk import Aws, CfnTag
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from paved_road.estate import EstateStack
from paved_road.guard import acknowledge
from paved_road.retention import kept


class FlowLogs(Construct):
    """All accepted and rejected flows of a VPC, in a log group that outlives the stack.

    Retained unless `deletable`. Exposes `log_group` and `role`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        vpc_id: str,
        key_arn: str,
        retention_days: int,
        deletable: bool,
    ) -> None:
        super().__init__(scope, id)
        stack = EstateStack.around(self)
        self.log_group = logs.CfnLogGroup(
            self, "Logs", retention_in_days=retention_days, kms_key_id=key_arn
        )
        kept(deletable, self.log_group)
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
            "NIST.800.53.R5-IAMNoInlinePolicy",
            reason="The policy serves this role alone and names one log group; a managed policy "
            "would only add an indirection.",
        )
        return role
