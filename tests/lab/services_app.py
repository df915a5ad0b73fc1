"""An estate of one region with the sample services: orders-data, and place-order in front of it."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import App, Stage

from paved_road.estate import Region
from paved_road.network import MEMBER_ENDPOINTS, Nat, Network
from paved_road.service import (
    Capacity,
    Container,
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


def synthesize(outdir: Path, octet: int, releases: Mapping[str, int]) -> Path:
    """The assembly, with releases 1 to the number that is given for each service."""
    region = small_region(octet)
    app = App(outdir=str(outdir), analytics_reporting=False)
    staged = Stage(app, "releases")
    NetworkStack(app, region, nat=Nat.NONE, interface_endpoints=MEMBER_ENDPOINTS)
    for name in (DATA, PLACE):
        _service(app, region, name)
        RoutingStack(app, region, service=name, owner="orders")
        RollbackStack(app, region, service=name, owner="orders")
        for number in range(1, releases[name] + 1):
            ReleaseStack(
                staged,
                region,
                service=name,
                number=number,
                owner="orders",
                artifact=Container.by_digest(name, digest(number)),
                capacity=Capacity(
                    minimum=MEMBERS[name], maximum=4, requests_per_minute_per_target=6000
                ),
                calls=(DATA,) if name == PLACE else (),
            )
    app.synth()
    return outdir


def _service(app: App, region: Region, name: str) -> None:
    stack = ServiceStack(app, region, name=name, owner="orders")
    service = Service(
        stack,
        "Service",
        network=Network.from_estate(stack, region),
        testers=["10.0.0.0/8"],
        health_path="/health/ready",
        deletable=True,
    )
    if name == PLACE:
        service.connects_to(Service.from_estate(stack, region, DATA))
