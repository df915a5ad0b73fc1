"""Ways out of each tier: the internet for public, NAT for private, none for the ring."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from paved_road.estate import Region
from paved_road.guard import acknowledge
from paved_road.network.naming import name_tag
from paved_road.network.plan import Tier

EVERYWHERE = "0.0.0.0/0"


class Nat(StrEnum):
    """How the private tier reaches the internet."""

    PER_ZONE = "per-zone"
    """A gateway in each zone: losing a zone takes no other's way out."""
    SINGLE = "single"
    """One gateway in the first zone: cheaper, and that zone takes all with it."""
    NONE = "none"
    """No way out; then images and packages come through endpoints (`MEMBER_ENDPOINTS`)."""


class Routes(Construct):
    """Route tables of a network: one for the public tier, one per zone for the others.

    Exposes `public_table`, and `zonal_tables` for gateway endpoints.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        region: Region,
        vpc: ec2.CfnVPC,
        subnets: Mapping[Tier, Sequence[ec2.CfnSubnet]],
        nat: Nat,
    ) -> None:
        super().__init__(scope, id)
        self._region, self._vpc, self._subnets = region, vpc, subnets
        self.public_table, self._internet = self._public()
        self.zonal_tables = self._zonal(nat)

    def _public(self) -> tuple[ec2.CfnRouteTable, ec2.CfnRoute]:
        gateway = ec2.CfnInternetGateway(
            self, "InternetGateway", tags=name_tag(self._region, "internet")
        )
        attachment = ec2.CfnVPCGatewayAttachment(
            self, "Attachment", vpc_id=self._vpc.ref, internet_gateway_id=gateway.ref
        )
        table = self._table("Public", "public", self._subnets[Tier.PUBLIC])
        default = ec2.CfnRoute(
            self,
            "PublicDefault",
            route_table_id=table.ref,
            destination_cidr_block=EVERYWHERE,
            gateway_id=gateway.ref,
        )
        default.add_resource_dependency(attachment)
        acknowledge(
            default,
            "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",
            reason="Only the public tier has this route; it holds load balancers and NAT gateways "
            "and nothing in it gets a public address on launch.",
        )
        return table, default

    def _zonal(self, nat: Nat) -> list[ec2.CfnRouteTable]:
        tables: list[ec2.CfnRouteTable] = []
        gateway: ec2.CfnNatGateway | None = None
        for index, zone in enumerate(self._region.zones):
            private, ring = (
                self._table(
                    f"{tier.value.capitalize()}{zone.upper()}",
                    f"{tier.value}-{zone}",
                    self._subnets[tier][index : index + 1],
                )
                for tier in (Tier.PRIVATE, Tier.RING)
            )
            tables += [private, ring]
            if nat is Nat.PER_ZONE or (nat is Nat.SINGLE and gateway is None):
                gateway = self._nat_gateway(zone, self._subnets[Tier.PUBLIC][index])
            if gateway is not None:
                ec2.CfnRoute(
                    self,
                    f"PrivateDefault{zone.upper()}",
                    route_table_id=private.ref,
                    destination_cidr_block=EVERYWHERE,
                    nat_gateway_id=gateway.ref,
                )
        return tables

    def _nat_gateway(self, zone: str, subnet: ec2.CfnSubnet) -> ec2.CfnNatGateway:
        name = name_tag(self._region, f"nat-{zone}")
        address = ec2.CfnEIP(self, f"NatAddress{zone.upper()}", domain="vpc", tags=name)
        gateway = ec2.CfnNatGateway(
            self,
            f"NatGateway{zone.upper()}",
            subnet_id=subnet.ref,
            allocation_id=address.attr_allocation_id,
            tags=name,
        )
        gateway.add_resource_dependency(self._internet)
        return gateway

    def _table(self, id: str, name: str, subnets: Sequence[ec2.CfnSubnet]) -> ec2.CfnRouteTable:
        table = ec2.CfnRouteTable(self, id, vpc_id=self._vpc.ref, tags=name_tag(self._region, name))
        for subnet in subnets:
            ec2.CfnSubnetRouteTableAssociation(
                self, f"Of{subnet.node.id}", subnet_id=subnet.ref, route_table_id=table.ref
            )
        return table
