"""One region's VPC: public, private and ring tiers over explicitly named zones."""

from collections.abc import Sequence

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from paved_road.buckets import LogBucket, load_balancer_logs
from paved_road.estate import EstateStack, Region, publish
from paved_road.faults import Faults
from paved_road.guard import acknowledge
from paved_road.log_retention import check_log_retention
from paved_road.network.endpoints import (
    AGENT_ENDPOINTS,
    ENDPOINT_SERVICES,
    MEMBER_ENDPOINTS,
    Endpoints,
)
from paved_road.network.flow_logs import FlowLogs
from paved_road.network.logs_key import logs_key
from paved_road.network.naming import name_tag
from paved_road.network.plan import Tier, subnet_range
from paved_road.network.routes import Nat, Routes
from paved_road.network.view import EstateNetwork, NetworkView, OwnNetwork, subnet_output


class Network(Construct):
    """A VPC whose tiers differ in what they can reach.

    Public subnets hold load balancers and NAT gateways. Private ones hold services. The ring tier
    has no internet route at all: it reaches S3 and DynamoDB through gateway endpoints and the
    `interface_endpoints` within the VPC. With `Nat.NONE` those are the private tier's only way to
    AWS as well, so `MEMBER_ENDPOINTS` must be among them. Flow logs are kept for
    `flow_log_retention_days` (a year by default, the period audits ask about). Nothing gets a
    public address on launch.

    Every zone has route tables and outputs of its own and its addresses follow from its letter,
    so a zone added at the end of `region.zones` only adds. `view` is what other constructs take;
    other stacks get the same by `Network.from_estate`.

    Raises `PropsError` with all faults.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        region: Region,
        nat: Nat = Nat.PER_ZONE,
        interface_endpoints: Sequence[str] = AGENT_ENDPOINTS,
        flow_log_retention_days: int = 365,
        deletable: bool = False,
    ) -> None:
        _check(region, nat, interface_endpoints, flow_log_retention_days)
        super().__init__(scope, id)
        self._region = region
        self._range = str(region.cidr)
        self.vpc = ec2.CfnVPC(
            self,
            "Vpc",
            cidr_block=self._range,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=name_tag(region, "vpc"),
        )
        acknowledge(
            self.vpc,
            "NIST.800.53.R5-VPCDefaultSecurityGroupClosed",
            reason="CloudFormation cannot empty the default group. The guard refuses resources "
            "that use it or name none, and `paved-road estate close` empties it after a deploy.",
        )
        self.subnets = {
            tier: tuple(self._subnet(tier, zone) for zone in region.zones) for tier in Tier
        }
        self.routes = Routes(
            self, "Routes", region=region, vpc=self.vpc, subnets=self.subnets, nat=nat
        )
        self.logs_key = logs_key(self, "LogsKey", region=region, deletable=deletable)
        self.access_logs = LogBucket(
            self,
            "AccessLogs",
            delivery=load_balancer_logs,
            deletable=deletable,
        )
        self.flow_logs = FlowLogs(
            self,
            "FlowLogs",
            vpc_id=self.vpc.ref,
            key_arn=self.logs_key.attr_arn,
            retention_days=flow_log_retention_days,
            deletable=deletable,
        )
        self.endpoints = Endpoints(
            self,
            "Endpoints",
            region=region,
            vpc=self.vpc,
            subnet_ids=[subnet.ref for subnet in self.subnets[Tier.PRIVATE]],
            route_table_ids=[table.ref for table in self.routes.zonal_tables],
            services=interface_endpoints,
        )
        self.view: NetworkView = OwnNetwork(
            region=region,
            vpc_id=self.vpc.ref,
            cidr=self._range,
            subnets={
                tier: tuple(subnet.ref for subnet in subnets)
                for tier, subnets in self.subnets.items()
            },
            endpoint_security_group_id=self.endpoints.security_group.attr_group_id,
            access_log_bucket=self.access_logs.bucket.ref,
            logs_key_arn=self.logs_key.attr_arn,
        )
        self._publish()

    @staticmethod
    def from_estate(scope: Construct, region: Region) -> NetworkView:
        """The region's network, found by its stack's name and read from its outputs."""
        return EstateNetwork(EstateStack.around(scope), region)

    def _subnet(self, tier: Tier, zone: str) -> ec2.CfnSubnet:
        subnet = ec2.CfnSubnet(
            self,
            subnet_output(tier, zone),
            vpc_id=self.vpc.ref,
            cidr_block=str(subnet_range(self._range, zone, tier)),
            availability_zone=f"{self._region.name}{zone}",
            map_public_ip_on_launch=False,
            tags=name_tag(self._region, f"{tier.value}-{zone}"),
        )
        acknowledge(
            subnet,
            "CloudFormation-Validate::W3010",
            reason="Zones are named by the estate on purpose: a rack is a zone, and a list that "
            "is looked up would move data when it changes.",
        )
        return subnet

    def _publish(self) -> None:
        stack = EstateStack.around(self)
        publish(stack, "VpcId", self.view.vpc_id, "The region's VPC")
        publish(stack, "VpcCidr", self.view.cidr, "Its address range")
        publish(
            stack,
            "EndpointSecurityGroupId",
            self.view.endpoint_security_group_id,
            "Security group of the interface endpoints",
        )
        publish(
            stack, "AccessLogBucket", self.view.access_log_bucket, "Load balancers' access logs"
        )
        publish(stack, "LogsKeyArn", self.view.logs_key_arn, "Key of the region's log groups")
        for tier, ids in self.view.subnets.items():
            for zone, subnet_id in zip(self._region.zones, ids, strict=True):
                publish(
                    stack,
                    subnet_output(tier, zone),
                    subnet_id,
                    f"Subnet of the {tier.value} tier in {self._region.name}{zone}",
                )


def _check(
    region: Region, nat: Nat, interface_endpoints: Sequence[str], flow_log_retention_days: int
) -> None:
    faults = Faults(f"Network in {region.name}")
    faults.check(
        region.cidr is not None, "region.cidr", "must be set: an Estate gives it", region.cidr
    )
    faults.check(nat in list(Nat), "nat", f"must be one of {', '.join(Nat)}", nat)
    unknown = sorted(set(interface_endpoints) - ENDPOINT_SERVICES)
    faults.check(
        not unknown,
        "interface_endpoints",
        f"must be among {', '.join(sorted(ENDPOINT_SERVICES))}",
        unknown,
    )
    missing = sorted(set(MEMBER_ENDPOINTS) - set(interface_endpoints))
    faults.check(
        nat is not Nat.NONE or not missing,
        "interface_endpoints",
        "must hold MEMBER_ENDPOINTS where there is no NAT, since no service could start: some are "
        "missing",
        missing,
    )
    faults.check(
        len(set(interface_endpoints)) == len(interface_endpoints),
        "interface_endpoints",
        "must differ",
        tuple(interface_endpoints),
    )
    check_log_retention(faults, "flow_log_retention_days", flow_log_retention_days)
    faults.raise_if_any()
