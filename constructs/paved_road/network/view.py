"""A network as those who use it see it, whichever stack or repository it stands in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from paved_road.estate import Region, read
from paved_road.network.plan import Tier
from paved_road_contract.stacks import Kind

Subnets = Mapping[Tier, tuple[str, ...]]


class NetworkView(Protocol):
    """Ids of a network: plain strings where it was made here, tokens where it is read.

    `subnets` holds each tier's subnet ids in the order of `region.zones`.
    """

    @property
    def region(self) -> Region:
        """Where it stands."""

    @property
    def vpc_id(self) -> str:
        """The VPC."""

    @property
    def cidr(self) -> str:
        """The VPC's address range."""

    @property
    def subnets(self) -> Subnets:
        """Subnet ids by tier."""

    @property
    def endpoint_security_group_id(self) -> str:
        """Security group of the interface endpoints."""

    @property
    def access_log_bucket(self) -> str:
        """Where load balancers write who called them."""

    @property
    def logs_key_arn(self) -> str:
        """Key of the region's log groups."""


@dataclass(frozen=True, kw_only=True)
class OwnNetwork:
    """The view of a network that stands in the same stack, or of one given by its ids."""

    region: Region
    vpc_id: str
    cidr: str
    subnets: Subnets
    endpoint_security_group_id: str
    access_log_bucket: str
    logs_key_arn: str


@dataclass(frozen=True)
class EstateNetwork:
    """The region's network, found by its stack's name: reads only what is asked for."""

    scope: Construct
    region: Region

    @property
    def vpc_id(self) -> str:
        """The VPC."""
        return self._output("VpcId")

    @property
    def cidr(self) -> str:
        """The VPC's address range."""
        return self._output("VpcCidr")

    @property
    def subnets(self) -> Subnets:
        """Subnet ids by tier."""
        return _ReadSubnets(self)

    @property
    def endpoint_security_group_id(self) -> str:
        """Security group of the interface endpoints."""
        return self._output("EndpointSecurityGroupId")

    @property
    def access_log_bucket(self) -> str:
        """Where load balancers write who called them."""
        return self._output("AccessLogBucket")

    @property
    def logs_key_arn(self) -> str:
        """Key of the region's log groups."""
        return self._output("LogsKeyArn")

    def subnet_ids(self, tier: Tier) -> tuple[str, ...]:
        """A tier's subnets."""
        return tuple(self._output(subnet_output(tier, zone)) for zone in self.region.zones)

    def _output(self, name: str) -> str:
        return read(self.scope, self.region, Kind.NETWORK, None, name)


@dataclass(frozen=True)
class _ReadSubnets(Mapping[Tier, tuple[str, ...]]):
    network: EstateNetwork

    def __getitem__(self, tier: Tier) -> tuple[str, ...]:
        return self.network.subnet_ids(tier)

    def __iter__(self) -> Iterator[Tier]:
        return iter(Tier)

    def __len__(self) -> int:
        return len(Tier)


def subnet_output(tier: Tier, zone: str) -> str:
    """Name of the output that publishes a subnet: `RingSubnetA`."""
    return f"{tier.value.capitalize()}Subnet{zone.upper()}"


def vpc_of(scope: Construct, id: str, network: NetworkView) -> ec2.IVpc:
    """The network for plain CDK constructs that take an `IVpc`; the ring tier is isolated."""
    return ec2.Vpc.from_vpc_attributes(
        scope,
        id,
        vpc_id=network.vpc_id,
        vpc_cidr_block=network.cidr,
        availability_zones=list(network.region.zone_names),
        public_subnet_ids=list(network.subnets[Tier.PUBLIC]),
        private_subnet_ids=list(network.subnets[Tier.PRIVATE]),
        isolated_subnet_ids=list(network.subnets[Tier.RING]),
    )
