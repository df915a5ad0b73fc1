"""What a ring's nodes may do in AWS, statement by statement, with a reason for every wildcard."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.ring.arns import Arns
from paved_road.ring.state import State
from paved_road.ring.statements import (
    NO_RESOURCE,
    Statement,
    attach,
    change_groups,
    put_metrics,
)
from paved_road_ring_agent.contract import (
    bundle_parameter,
    clients_path,
    contacts_parameter,
    secret_prefix,
    trust_parameter,
)


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
        attach(
            self,
            "Policy",
            self.role,
            statements,
            arns=arns,
            description=f"What nodes of ring {ring} may do",
        )
        self.instance_profile_arn = iam.CfnInstanceProfile(
            self, "Profile", roles=[self.role.role_name]
        ).attr_arn


def _statements(
    arns: Arns, *, estate: str, ring: str, state: State, authority_arn: str
) -> list[Statement]:
    clients = arns.regional("ssm", f"parameter{clients_path(estate, ring)}")
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
        change_groups(
            arns,
            estate,
            ring,
            sid="Groups",
            actions=[
                "autoscaling:CompleteLifecycleAction",
                "autoscaling:RecordLifecycleActionHeartbeat",
                "autoscaling:SuspendProcesses",
                "autoscaling:TerminateInstanceInAutoScalingGroup",
            ],
        ),
        Statement(
            sid="Observe",
            actions=[
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "ec2:DescribeInstances",
            ],
            resources=["*"],
            wildcard=NO_RESOURCE,
        ),
        put_metrics(),
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
            sid="ToldToClients",
            actions=["ssm:GetParameter", "ssm:PutParameter"],
            resources=[
                arns.regional("ssm", f"parameter{name(estate, ring)}")
                for name in (trust_parameter, contacts_parameter)
            ],
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
