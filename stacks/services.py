"""The microservices that this repository holds, one verb each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from constructs import Construct

from paved_road.estate import Region
from paved_road.network import Network
from paved_road.ring import Ring
from paved_road.service import Container, Service, ServiceStack

NOT_PUBLISHED = "sha256:" + 64 * "0"
"""Stands for an image that nobody has pushed yet: the lab starts no containers, and on AWS the
creation of such a release fails. Put the digest that your registry answers to `docker push`."""


class OrderService(ServiceStack):
    """A service of the orders team: internal, on the ring `orders`."""

    def __init__(self, scope: Construct, region: Region, *, name: str, owner: str) -> None:
        super().__init__(scope, region, name=name, owner=owner)
        self.service = Service(
            self,
            "Service",
            network=Network.from_estate(self, region),
            deletable=region.deletable,
        )
        ring = Ring.from_estate(self, region, "orders")
        self.service.connects_to(ring.for_keyspaces("orders"))


@dataclass(frozen=True)
class Offer:
    """A service, who owns it, and its releases by number, each with its artifact.

    `zones` holds the zones of releases that use others than a region's first three: by number, then
    by region. They are part of a release, so an entry is added with it and never changed.
    """

    stack: type[OrderService]
    owner: str
    releases: Mapping[int, Container]
    zones: Mapping[int, Mapping[str, str]] = field(default_factory=dict)


SERVICES: Mapping[str, Offer] = {
    name: Offer(OrderService, "orders", {1: Container.by_digest(name, NOT_PUBLISHED)})
    for name in ("place-order", "track-order")
}
