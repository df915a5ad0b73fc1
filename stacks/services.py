"""The microservices that this repository holds, one verb each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from constructs import Construct

from paved_road.estate import Region
from paved_road.network import Network
from paved_road.ring import Ring
from paved_road.service import Capacity, Container, ReleaseStack, Service, ServiceStack

NOT_PUBLISHED = "sha256:" + 64 * "0"
"""Stands for an image that nobody has pushed yet: on AWS the creation of such a release fails. Put
the digest that your registry answers to `docker push`. The lab runs `services/` in its place."""

DATA, RING = "orders-data", "orders"


class OrderService(ServiceStack):
    """A service of the orders team: internal, and in front of the data access layer."""

    def __init__(self, scope: Construct, region: Region, *, name: str, owner: str) -> None:
        super().__init__(scope, region, name=name, owner=owner)
        self.service = Service(
            self,
            "Service",
            network=Network.from_estate(self, region),
            # Who is not healthy is replaced, and a new member cures nothing that is away for all.
            health_path="/health/live",
            deletable=region.deletable,
        )
        self.connect(region)

    def connect(self, region: Region) -> None:
        """Let it call what it needs."""
        self.service.connects_to(Service.from_estate(self, region, DATA))


class OrdersData(OrderService):
    """The data access layer: the only service that uses the ring `orders`."""

    def connect(self, region: Region) -> None:
        """The ring instead."""
        ring = Ring.from_estate(self, region, RING)
        self.service.connects_to(ring.for_keyspaces("orders"))


@dataclass(frozen=True)
class Offer:
    """A service, who owns it, and its releases by number, each with its artifact.

    `calls` are the services whose addresses its releases are told, `rings` those whose nodes they
    are told to find. `zones` holds the zones of
    releases that use others than a region's first three: by number, then by region. Both are part
    of a release, so an entry is added with it and never changed.
    """

    stack: type[OrderService]
    owner: str
    releases: Mapping[int, Container]
    calls: tuple[str, ...] = ()
    rings: tuple[str, ...] = ()
    zones: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def release(
        self, scope: Construct, region: Region, name: str, number: int, *, capacity: Capacity
    ) -> ReleaseStack:
        """One of its releases in one region; `name` is the service's."""
        return ReleaseStack(
            scope,
            region,
            service=name,
            number=number,
            owner=self.owner,
            artifact=self.releases[number],
            capacity=capacity,
            zones=self.zones.get(number, {}).get(region.name),
            calls=self.calls,
            rings=self.rings,
        )


SERVICES: Mapping[str, Offer] = {
    DATA: Offer(OrdersData, "orders", {1: Container.by_digest(DATA, NOT_PUBLISHED)}, rings=(RING,)),
    **{
        name: Offer(
            OrderService, "orders", {1: Container.by_digest(name, NOT_PUBLISHED)}, calls=(DATA,)
        )
        for name in ("get-order", "place-order")
    },
}
