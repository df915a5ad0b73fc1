"""What a ring's nodes may do in AWS, statement by statement, with a reason for every wildcard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.guard import acknowledge
from paved_road.ring.arns import Arns
from paved_road.ring.state import State
from paved_road_contract import tags
from paved_road_ring_agent.contract import (
    METRICS,
    bundle_parameter,
    clients_path,
    secret_prefix,
    trust_parameter,
)


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Actions allowed on resources; `wildcard` says why a resource is named by a pattern."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    wildcard: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As IAM reads it."""
        document: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        return document | ({"Condition": dict(self.conditions)} if self.conditions else {})


class Access(Construct):
    """The nodes' role and instance profile.

    A node writes items of its own ring's table, its logs and metrics, and completes, heartbeats
    and terminates in its own ring's groups. It can delete nothing and change no permission.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        arns: Arns,
        estate: str,
        ring: str,
        state: State,
        authority_arn: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"),
            description=f"Nodes of ring {ring}",
        )
        self.role_arn = self.role.role_arn
        statements = _statements(
            arns, estate=estate, ring=ring, state=state, authority_arn=authority_arn
        )
        policy = iam.CfnManagedPolicy(
            self,
            "Policy",
            description=f"What nodes of ring {ring} may do",
            policy_document={
                "Version": "2012-10-17",
                "Statement": [statement.as_json() for statement in statements],
            },
            roles=[self.role.role_name],
        )
        for statement in statements:
            if statement.wildcard:
                acknowledge(
                    policy,
                    *(arns.wildcard_finding(arn) for arn in statement.resources),
                    reason=statement.wildcard,
                )
        self.instance_profile_arn = iam.CfnInstanceProfile(
            self, "Profile", roles=[self.role.role_name]
        ).attr_arn


def _statements(
    arns: Arns, *, estate: str, ring: str, state: State, authority_arn: str
) -> list[Statement]:
    clients = arns.regional("ssm", f"parameter{clients_path(estate, ring)}")
    own_groups = {
        "StringEquals": {
            f"autoscaling:ResourceTag/{tags.ESTATE}": estate,
            f"autoscaling:ResourceTag/{tags.RING}": ring,
        }
    }
    return [
        Statement(
            sid="Slots",
            actions=[
                "dynamodb:BatchGetItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
            ],
            resources=[state.table_arn],
        ),
        Statement(
            sid="Groups",
            actions=[
                "autoscaling:CompleteLifecycleAction",
                "autoscaling:RecordLifecycleActionHeartbeat",
                "autoscaling:SuspendProcesses",
                "autoscaling:TerminateInstanceInAutoScalingGroup",
            ],
            resources=[arns.regional("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")],
            conditions=own_groups,
            wildcard="A group's ARN holds an id that is unknown before it exists; the condition "
            "on the group's tags admits this ring's groups only.",
        ),
        Statement(
            sid="Observe",
            actions=[
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "ec2:DescribeInstances",
            ],
            resources=["*"],
            wildcard=_NO_RESOURCE,
        ),
        Statement(
            sid="Metrics",
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": METRICS}},
            wildcard=_NO_RESOURCE,
        ),
        Statement(
            sid="Logs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[state.log_group_arn],
        ),
        Statement(
            sid="Secrets",
            actions=["secretsmanager:GetSecretValue"],
            resources=[arns.regional("secretsmanager", f"secret:{secret_prefix(estate, ring)}*")],
            wildcard="Secrets of this ring alone: they are added while it lives, and "
            "Secrets Manager ends each ARN with random characters.",
        ),
        Statement(
            sid="Authority",
            actions=["secretsmanager:PutSecretValue"],
            resources=[authority_arn],
        ),
        Statement(
            sid="Trust",
            actions=["ssm:GetParameter", "ssm:PutParameter"],
            resources=[arns.regional("ssm", f"parameter{trust_parameter(estate, ring)}")],
        ),
        Statement(
            sid="Software",
            actions=["ssm:GetParameter"],
            resources=[arns.regional("ssm", f"parameter{bundle_parameter(estate, ring)}")],
        ),
        Statement(
            sid="Clients",
            actions=["ssm:GetParametersByPath"],
            # By path means what is below it; callers write a path with or without the slash.
            resources=[clients, f"{clients}/"],
        ),
        Statement(
            sid="Key",
            actions=[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
            ],
            resources=[state.key_arn],
            conditions={
                "StringEquals": {
                    "kms:ViaService": [
                        f"dynamodb.{arns.region}.amazonaws.com",
                        f"secretsmanager.{arns.region}.amazonaws.com",
                    ]
                }
            },
        ),
        Statement(
            sid="Sessions",
            actions=[
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ],
            resources=["*"],
            wildcard="Session Manager, the only way onto a node: its channels know no resources, "
            "and AWS's own policy for it (AmazonSSMManagedInstanceCore) names none either.",
        ),
    ]


_NO_RESOURCE = "These actions know no resources, so IAM takes only `*` for them."
