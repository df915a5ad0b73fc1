"""What every member of a service is, whichever release it runs: network, identity, logs."""

from dataclasses import dataclass

from paved_road.estate import Region, Rows
from paved_road.estate.references import attribute, logical_id, ref
from paved_road.network import NetworkView
from paved_road.retention import kept_row
from paved_road.service.policy import allow, document


@dataclass(frozen=True, kw_only=True)
class Members:
    """Security group, role and log group that releases take over by name.

    Members call AWS and their stores; who may call them is said by the load balancer. The role
    reads images of the service's own repositories, writes the service's logs and can be reached
    by Session Manager; stores add what they need. `path` is where they stand in their stack. With
    `fargate`, tasks may take the role too.
    """

    path: str
    service: str
    region: Region
    network: NetworkView
    log_retention_days: int
    deletable: bool
    fargate: bool = False

    @property
    def security_group_id(self) -> str:
        """Of every release's instances."""
        return attribute(f"{self.path}/SecurityGroup", "GroupId")

    @property
    def profile_arn(self) -> str:
        """The instance profile of every release."""
        return attribute(f"{self.path}/Profile", "Arn")

    @property
    def role_name(self) -> str:
        """The role that every release's members act in."""
        return ref(f"{self.path}/Role")

    @property
    def role_arn(self) -> str:
        """The same role, by its ARN."""
        return attribute(f"{self.path}/Role", "Arn")

    @property
    def log_group_name(self) -> str:
        """Where members log."""
        return ref(f"{self.path}/Logs")

    def rows(self) -> Rows:
        """The resources."""
        resources = {
            "SecurityGroup": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {
                    "VpcId": self.network.vpc_id,
                    "GroupDescription": f"Members of {self.service}",
                    "SecurityGroupEgress": [
                        {
                            "IpProtocol": "tcp",
                            "FromPort": 443,
                            "ToPort": 443,
                            "CidrIp": "0.0.0.0/0",
                            "Description": "AWS and packages, through endpoints and NAT",
                        }
                    ],
                },
            },
            "Logs": {
                "Type": "AWS::Logs::LogGroup",
                **kept_row(self.deletable),
                "Properties": {
                    "RetentionInDays": self.log_retention_days,
                    "KmsKeyId": self.network.logs_key_arn,
                },
            },
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": document(
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "ec2.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        },
                        *([taken_by_tasks(self.region)] if self.fargate else []),
                    ),
                    "Policies": [
                        {
                            "PolicyName": "member",
                            "PolicyDocument": document(*self._statements()),
                        }
                    ],
                },
            },
            "Profile": {
                "Type": "AWS::IAM::InstanceProfile",
                "Properties": {"Roles": [ref(f"{self.path}/Role")]},
            },
        }
        return {logical_id(f"{self.path}/{id}"): row for id, row in resources.items()}

    def reasons(self) -> dict[str, str]:
        """Findings of the rule packs that are right in general and wrong here."""
        return dict.fromkeys(
            (
                "AwsSolutions-IAM5[Resource::*]",
                f"AwsSolutions-IAM5[Resource::arn:aws:ecr:{self.region.name}:<AWS::AccountId>:"
                f"repository/{self.service}/*]",
                "NIST.800.53.R5-IAMNoInlinePolicy",
            ),
            "Registry sign-in and Session Manager know no resources, and a service may have "
            "several repositories under its name. The policy serves this one role.",
        )

    def start_statements(self) -> list[dict[str, object]]:
        """What whoever starts a member needs: its image and its log."""
        account = ref("AWS::AccountId")
        repositories = f"arn:aws:ecr:{self.region.name}:{account}:repository/{self.service}"
        return [
            allow(
                "WriteOwnLogs",
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                attribute(f"{self.path}/Logs", "Arn"),
            ),
            allow(
                "PullOwnImages",
                [
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetDownloadUrlForLayer",
                ],
                repositories,
                f"{repositories}/*",
            ),
            allow("SignInToRegistry", ["ecr:GetAuthorizationToken"], "*"),
        ]

    def _statements(self) -> list[dict[str, object]]:
        return [
            *self.start_statements(),
            allow(
                "SessionManager",
                [
                    "ssm:UpdateInstanceInformation",
                    "ssmmessages:CreateControlChannel",
                    "ssmmessages:CreateDataChannel",
                    "ssmmessages:OpenControlChannel",
                    "ssmmessages:OpenDataChannel",
                ],
                "*",
            ),
        ]


def taken_by_tasks(region: Region) -> dict[str, object]:
    """Who may take a role: tasks of this account and region alone.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    """
    account = ref("AWS::AccountId")
    return {
        "Effect": "Allow",
        "Principal": {"Service": "ecs-tasks.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:{region.name}:{account}:*"},
        },
    }
