"""A network as those who use it see it, whichever stack or repository it stands in."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from paved_road.estate import Region, read
from paved_road.network.plan import Tier
from paved_road_contract.stacks import Kind


@dataclass(frozen=True)
class NetworkView:
    """Ids of a network: plain strings where it was made here, tokens where it is read.

    `subnets` holds each tier's subnet ids in the order of `region.zones`.
    """

    scope: Construct
    region: Region
    vpc_id: str
    cidr: str
    subnets: Mapping[Tier, tuple[str, ...]]
    endpoint_security_group_id: str
    access_log_bucket: str
    logs_key_arn: str

    @cached_property
    def vpc(self) -> ec2.IVpc:
        """For plain CDK constructs that take an `IVpc`. The ring tier is its isolated one."""
        return ec2.Vpc.from_vpc_attributes(
            self.scope,
            f"Vpc-{self.region.name}",
            vpc_id=self.vpc_id,
            vpc_cidr_block=self.cidr,
            availability_zones=list(self.region.zone_names),
            public_subnet_ids=list(self.subnets[Tier.PUBLIC]),
            private_subnet_ids=list(self.subnets[Tier.PRIVATE]),
            isolated_subnet_ids=list(self.subnets[Tier.RING]),
        )


def subnet_output(tier: Tier, zone: str) -> str:
    """Name of the output that publishes a subnet: `RingSubnetA`."""
    return f"{tier.value.capitalize()}Subnet{zone.upper()}"


def view_from_estate(scope: Construct, region: Region) -> NetworkView:
    """The region's network, read from its stack's outputs."""

    def output(name: str) -> str:
        return read(scope, region, Kind.NETWORK, None, name)

    return NetworkView(
        scope=scope,
        region=region,
        vpc_id=output("VpcId"),
        cidr=output("VpcCidr"),
        subnets={
            tier: tuple(output(subnet_output(tier, zone)) for zone in region.zones) for tier in Tier
        },
        endpoint_security_group_id=output("EndpointSecurityGroupId"),
        access_log_bucket=output("AccessLogBucket"),
        logs_key_arn=output("LogsKeyArn"),
    )
