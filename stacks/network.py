"""One region's network."""

from constructs import Construct

from paved_road.estate import EstateStack, Region
from paved_road.network import Nat, Network
from paved_road_contract.stacks import Kind


class NetworkStack(EstateStack):
    """The VPC that everything else of a region stands in. Deployed first, changed rarely."""

    def __init__(
        self,
        scope: Construct,
        region: Region,
        *,
        nat: Nat,
        interface_endpoints: tuple[str, ...],
        owner: str = "platform",
    ) -> None:
        super().__init__(
            scope,
            region,
            Kind.NETWORK,
            owner=owner,
            description=f"Network of {region.estate} in {region.name}",
        )
        self.network = Network(
            self,
            "Network",
            region=region,
            nat=nat,
            interface_endpoints=interface_endpoints,
            deletable=region.deletable,
        )
