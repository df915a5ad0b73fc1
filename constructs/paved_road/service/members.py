"""What every member of a service is, whichever release it runs: network, identity, logs."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from paved_road.estate import Region
from paved_road.estate.references import attribute, ref
from paved_road.guard import acknowledge
from paved_road.network import NetworkView
from paved_road.retention import kept


class Members(Construct):
    """Security group, instance profile and log group that releases take over by name.

    Members call AWS and their stores; who may call them is said by the load balancer. The role
    reads images of the service's own repositories, writes the service's logs and can be reached
    by Session Manager; stores add what they need.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        path: str,
        service: str,
        region: Region,
        network: NetworkView,
        log_retention_days: int,
        deletable: bool,
    ) -> None:
        super().__init__(scope, id)
        ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=network.vpc_id,
            group_description=f"Members of {service}",
            security_group_egress=[
                {
                    "ipProtocol": "tcp",
                    "fromPort": 443,
                    "toPort": 443,
                    "cidrIp": "0.0.0.0/0",
                    "description": "AWS and packages, through endpoints and NAT",
                }
            ],
        )
        log_group = logs.CfnLogGroup(
            self, "Logs", retention_in_days=log_retention_days, kms_key_id=network.logs_key_arn
        )
        kept(deletable, log_group)
        self._role(service, region, attribute(f"{path}/Logs", "Arn"))
        iam.CfnInstanceProfile(self, "Profile", roles=[ref(f"{path}/Role")])
        self.security_group_id = attribute(f"{path}/SecurityGroup", "GroupId")
        self.log_group_name = ref(f"{path}/Logs")
        self.profile_arn = attribute(f"{path}/Profile", "Arn")

    def _role(self, service: str, region: Region, log_group_arn: str) -> None:
        repositories = f"arn:aws:ecr:{region.name}:{ref('AWS::AccountId')}:repository/{service}"
        role = iam.CfnRole(
            self,
            "Role",
            assume_role_policy_document=_document(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "ec2.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ),
            policies=[
                {
                    "policyName": "member",
                    "policyDocument": _document(
                        _allow(
                            "WriteOwnLogs",
                            ["logs:CreateLogStream", "logs:PutLogEvents"],
                            log_group_arn,
                        ),
                        _allow(
                            "PullOwnImages",
                            [
                                "ecr:BatchCheckLayerAvailability",
                                "ecr:BatchGetImage",
                                "ecr:GetDownloadUrlForLayer",
                            ],
                            repositories,
                            f"{repositories}/*",
                        ),
                        _allow("SignInToRegistry", ["ecr:GetAuthorizationToken"], "*"),
                        _allow(
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
                    ),
                }
            ],
        )
        acknowledge(
            role,
            "AwsSolutions-IAM5[Resource::*]",
            f"AwsSolutions-IAM5[Resource::arn:aws:ecr:{region.name}:<AWS::AccountId>:"
            f"repository/{service}/*]",
            "NIST.800.53.R5-IAMNoInlinePolicy",
            reason="Registry sign-in and Session Manager know no resources, and a service may have "
            "several repositories under its name. The policy serves this one role.",
        )


def _document(*statements: object) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _allow(sid: str, actions: list[str], *resources: str) -> dict[str, object]:
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": list(resources)}
