"""What others need of a ring, whether they made it or found it by name."""

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from paved_road.estate import Region, read
from paved_road_contract.stacks import Kind
from paved_road_ring_agent.contract import NATIVE_PORT


@dataclass(frozen=True, kw_only=True)
class RingView:
    """One ring in one region, as clients see it.

    `data_center` is what a driver's local data center must be set to. `native_port` is CQL's,
    under TLS; it is the same for every ring, so it is a plain number that may go into any text.
    """

    region: Region
    name: str
    data_center: str
    node_security_group_id: str
    native_port: int = NATIVE_PORT

    @classmethod
    def from_estate(cls, scope: Construct, region: Region, name: str) -> "RingView":
        """The ring `name` of the region's estate, read from what its stack publishes."""
        return cls(
            region=region,
            name=name,
            data_center=read(scope, region, Kind.RING, name, "DataCenter"),
            node_security_group_id=read(scope, region, Kind.RING, name, "NodeSecurityGroupId"),
        )

    def allow_clients_from(self, scope: Construct, security_group_id: str) -> None:
        """Admit members of a security group to the native port of the ring's nodes.

        The rule stands in the stack of `scope`, the client's, and goes with it; the ring's own
        template does not change. The client's group must let the same port out.
        """
        ec2.CfnSecurityGroupIngress(
            scope,
            f"{self.name}-ring-clients",
            description=f"Clients of ring {self.name}",
            group_id=self.node_security_group_id,
            source_security_group_id=security_group_id,
            ip_protocol="tcp",
            from_port=self.native_port,
            to_port=self.native_port,
        )
