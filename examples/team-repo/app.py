"""The pricing team's repository: one service on the company's estate.

Nothing of the platform's repository is here but names: the estate's, its regions', the ring's.
"""

from aws_cdk import App, Stage
from constructs import Construct

from paved_road.estate import Region
from paved_road.guard import synth
from paved_road.network import Network
from paved_road.ring import Ring
from paved_road.service import (
    Capacity,
    Container,
    ReleaseStack,
    RollbackStack,
    RoutingStack,
    Service,
    ServiceStack,
)

REGIONS = [
    Region(estate="acme", name=name, zones="abc", cost_center="shop")
    for name in ("us-east-1", "us-west-2")
]


class GetPrice(ServiceStack):
    """Answers what something costs now. Reads the ring `orders`, calls `get-order`."""

    def __init__(self, scope: Construct, region: Region) -> None:
        super().__init__(scope, region, name="get-price", owner="pricing")
        service = Service(self, "Service", network=Network.from_estate(self, region))
        service.connects_to(Ring.from_estate(self, region, "orders"))
        service.connects_to(Service.from_estate(self, region, "get-order"))


app = App()
releases = Stage(app, "releases")
for region in REGIONS:
    GetPrice(app, region)
    RoutingStack(app, region, service="get-price", owner="pricing")
    RollbackStack(app, region, service="get-price", owner="pricing")
    ReleaseStack(
        releases,
        region,
        service="get-price",
        number=1,
        owner="pricing",
        # Stands for an image that nobody has pushed yet.
        artifact=Container.by_digest("get-price", "sha256:" + 64 * "0"),
        capacity=Capacity(minimum=3, maximum=12, requests_per_minute_per_target=600),
    )
synth(app)
