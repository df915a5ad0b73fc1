"""An estate of one region with the sample services: orders-data, and place-order in front of it."""

from collections.abc import Collection, Mapping
from pathlib import Path

from aws_cdk import App, Stage

from paved_road.estate import Region
from paved_road.network import MEMBER_ENDPOINTS, Nat, Network
from paved_road.service import (
    Capacity,
    Container,
    Fargate,
    ReleaseStack,
    RollbackStack,
    RoutingStack,
    Service,
    ServiceStack,
)
from stacks.network import NetworkStack
from tests.lab.small_region import small_region

DATA, PLACE = "orders-data", "place-order"
MEMBERS = {DATA: 1, PLACE: 2}
"""Instances of each release."""


def digest(number: int) -> str:
    """Of the image that a release with that number runs."""
    return f"sha256:{number:064x}"


def synthesize(
    outdir: Path,
    octet: int,
    releases: Mapping[str, int],
    owner: str = "orders",
    on_fargate: Collection[int] = (),
) -> Path:
    """The assembly, with releases 1 to the number that is given for each service.

    `owner` is routing's, where a change is one that has nothing to do with traffic. Releases of
    place-order with a number in `on_fargate` run there.
    """
    region = small_region(octet)
    app = App(outdir=str(outdir), analytics_reporting=False)
    staged = Stage(app, "releases")
    NetworkStack(app, region, nat=Nat.NONE, interface_endpoints=MEMBER_ENDPOINTS)
    for name in (DATA, PLACE):
        _service(app, region, name)
        RoutingStack(app, region, service=name, owner=owner)
        RollbackStack(app, region, service=name, owner="orders", fargate=name == PLACE)
        for number in range(1, releases[name] + 1):
            fargate = Fargate() if name == PLACE and number in on_fargate else None
            _release(staged, region, name, number, digest(number), fargate)
    app.synth()
    return outdir


def synthesize_releases(outdir: Path, octet: int, digests: Mapping[int, str]) -> Path:
    """An assembly of nothing but releases of place-order, by the digests of their images."""
    app = App(outdir=str(outdir), analytics_reporting=False)
    staged = Stage(app, "releases")
    for number, image in digests.items():
        _release(staged, small_region(octet), PLACE, number, image)
    app.synth()
    return outdir


def _release(
    scope: Stage,
    region: Region,
    name: str,
    number: int,
    image: str,
    fargate: Fargate | None = None,
) -> None:
    ReleaseStack(
        scope,
        region,
        service=name,
        number=number,
        owner="orders",
        artifact=Container.by_digest(name, image),
        capacity=Capacity(minimum=MEMBERS[name], maximum=4, requests_per_minute_per_target=6000),
        calls=(DATA,) if name == PLACE else (),
        fargate=fargate,
    )


def _service(app: App, region: Region, name: str) -> None:
    stack = ServiceStack(app, region, name=name, owner="orders")
    service = Service(
        stack,
        "Service",
        network=Network.from_estate(stack, region),
        testers=["10.0.0.0/8"],
        health_path="/health/ready",
        fargate=name == PLACE,
        deletable=True,
    )
    if name == PLACE:
        service.connects_to(Service.from_estate(stack, region, DATA))
