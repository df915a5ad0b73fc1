"""Private ways to AWS services: gateway endpoints for data, interface endpoints for calls."""

from collections.abc import Mapping, Sequence

from aws_cdk import Aws
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.estate import Region
from paved_road.network.naming import name_tag

ENDPOINT_SERVICES = frozenset(
    {
        "autoscaling",
        "cloudformation",
        "ec2",
        "ec2messages",
        "ecr.api",
        "ecr.dkr",
        "elasticloadbalancing",
        "kms",
        "logs",
        "monitoring",
        "secretsmanager",
        "sqs",
        "ssm",
        "ssmmessages",
        "sns",
        "sts",
        "xray",
    }
)
"""Short names that the constructs were tried with.
https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"""

AGENT_ENDPOINTS = (
    "autoscaling",
    "ec2",
    "kms",
    "logs",
    "monitoring",
    "secretsmanager",
    "ssm",
    "ssmmessages",
    "sts",
)
"""What a ring node calls: its group, its identity, its secrets, its logs, Session Manager. Each
costs per zone and hour, so a network takes as few as its tiers need."""

MEMBER_ENDPOINTS = ("cloudformation", "ecr.api", "ecr.dkr", "logs")
"""What an instance of a service calls before it takes traffic: it pulls its image, opens its log
and signals that it is up, without which its release's creation fails. A network without NAT takes
them; with `ssm` and `ssmmessages` people reach the instance as well."""


class Endpoints(Construct):
    """Gateway endpoints for S3 and DynamoDB, and `services` as interface endpoints.

    Gateways serve every zonal route table and cost nothing. Interface endpoints stand in
    `subnet_ids` and admit HTTPS from the VPC; only principals of this account may use them.
    Exposes `security_group`.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        region: Region,
        vpc: ec2.CfnVPC,
        subnet_ids: list[str],
        route_table_ids: list[str],
        services: Sequence[str],
    ) -> None:
        super().__init__(scope, id)
        for service, gateway in (("s3", "S3"), ("dynamodb", "DynamoDb")):
            ec2.CfnVPCEndpoint(
                self,
                gateway,
                vpc_id=vpc.ref,
                service_name=f"com.amazonaws.{region.name}.{service}",
                vpc_endpoint_type="Gateway",
                route_table_ids=route_table_ids,
                policy_document=_gateway_policy(region, service),
                tags=name_tag(region, service),
            )
        self.security_group = self._security_group(region, vpc)
        for service in sorted(services):
            ec2.CfnVPCEndpoint(
                self,
                "".join(part.capitalize() for part in service.split(".")),
                vpc_id=vpc.ref,
                service_name=f"com.amazonaws.{region.name}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=subnet_ids,
                security_group_ids=[self.security_group.attr_group_id],
                policy_document=_interface_policy(region, service),
                tags=name_tag(region, service),
            )

    def _security_group(self, region: Region, vpc: ec2.CfnVPC) -> ec2.CfnSecurityGroup:
        return ec2.CfnSecurityGroup(
            self,
            "SecurityGroup",
            vpc_id=vpc.ref,
            group_description="Calls to AWS services from within the VPC",
            security_group_ingress=[
                ec2.CfnSecurityGroup.IngressProperty(
                    ip_protocol="tcp",
                    from_port=443,
                    to_port=443,
                    cidr_ip=vpc.cidr_block,
                    description="HTTPS from the VPC",
                )
            ],
            # Endpoints answer and never call. An empty list would mean the default, allow all.
            security_group_egress=[
                ec2.CfnSecurityGroup.EgressProperty(
                    ip_protocol="icmp",
                    from_port=252,
                    to_port=86,
                    cidr_ip="255.255.255.255/32",
                    description="Nothing",
                )
            ],
            tags=name_tag(region, "endpoints"),
        )


def _gateway_policy(region: Region, service: str) -> iam.PolicyDocument:
    """Only this account's principals, only this account's data, and what instances start from.

    Amazon Linux reads its packages from a bucket of AWS without signing the request, and images
    in ECR keep their layers in another one, so these two are named:
    https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades-usage.html
    https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
    """
    own = _own_principals(service, {"aws:ResourceAccount": Aws.ACCOUNT_ID})
    if service != "s3":
        return iam.PolicyDocument(statements=[own])
    start = iam.PolicyStatement(
        sid="PackagesAndImageLayers",
        principals=[iam.AnyPrincipal()],
        actions=["s3:GetObject"],
        resources=[
            f"arn:aws:s3:::al2023-repos-{region.name}-de612dc2/*",
            f"arn:aws:s3:::prod-{region.name}-starport-layer-bucket/*",
        ],
    )
    return iam.PolicyDocument(statements=[own, start])


def _interface_policy(region: Region, service: str) -> iam.PolicyDocument:
    """Only this account's principals, and signals of instances, which are nobody's.

    cfn-signal shows the instance's identity document and no credentials. CloudFormation lets it
    signal the stack alone that the instance belongs to:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-signal.html
    """
    own = _own_principals()
    if service != "cloudformation":
        return iam.PolicyDocument(statements=[own])
    signals = iam.PolicyStatement(
        sid="SignalsOfInstances",
        principals=[iam.AnyPrincipal()],
        actions=["cloudformation:SignalResource"],
        resources=[
            f"arn:aws:cloudformation:{region.name}:{Aws.ACCOUNT_ID}:stack/{region.estate}-*"
        ],
    )
    return iam.PolicyDocument(statements=[own, signals])


def _own_principals(
    service: str | None = None, conditions: Mapping[str, str] | None = None
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="OwnAccountOnly",
        principals=[iam.AnyPrincipal()],
        actions=[f"{service}:*" if service else "*"],
        resources=["*"],
        conditions={"StringEquals": {"aws:PrincipalAccount": Aws.ACCOUNT_ID, **(conditions or {})}},
    )
