"""A release on Fargate stands in a lab as a record, is scaled as one, and runs nowhere."""

import json
from pathlib import Path

import pytest
from aws_cdk import App

from paved_road.network import MEMBER_ENDPOINTS, Nat, Network
from paved_road.service import (
    Capacity,
    Container,
    Fargate,
    ReleaseStack,
    RoutingStack,
    Service,
    ServiceStack,
)
from paved_road_contract.assembly import stacks
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder.asks import Hold
from paved_road_delivery.ladder.steps import Raise
from paved_road_delivery.observe import observe
from paved_road_delivery.service import LiveService
from paved_road_lab.cloud import LabCloud
from paved_road_lab.coverage import Degree, coverage
from stacks.network import NetworkStack
from tests.lab.ring_templates import plain
from tests.lab.services_app import PLACE, digest
from tests.lab.small_region import ESTATE, REGION, small_region
from tests.lab.small_stacks import create

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def assembly(cloud: LabCloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network, a service and a release of it on Fargate; all of it stands."""
    folder: Path = tmp_path_factory.mktemp("cdk")
    region, app = small_region(77), App(outdir=str(folder), analytics_reporting=False)
    NetworkStack(app, region, nat=Nat.NONE, interface_endpoints=MEMBER_ENDPOINTS)
    stack = ServiceStack(app, region, name=PLACE, owner="orders")
    network = Network.from_estate(stack, region)
    Service(stack, "Service", network=network, fargate=True, deletable=True)
    RoutingStack(app, region, service=PLACE, owner="orders")
    ReleaseStack(
        app,
        region,
        service=PLACE,
        number=1,
        owner="orders",
        artifact=Container.by_digest(PLACE, digest(1)),
        capacity=Capacity(minimum=2, maximum=9, requests_per_minute_per_target=100),
        fargate=Fargate(cpu=256, memory=512),
    )
    for one in app.synth().stacks:
        create(cloud, one.stack_name, json.dumps(plain(one.template)))
    return folder


def test_its_live_minimum_is_seen_and_raised(cloud: LabCloud, assembly: Path) -> None:
    assert assembly
    service = LiveService(cloud, ESTATE, REGION, PLACE)
    (seen,) = observe(service).releases
    assert (seen.minimum, seen.maximum, seen.registered, seen.whole) == (2, 9, 0, True)
    ask = Hold(by="ann", why="a week", release=seen.name, until=None)
    Driver(service, lambda _: None).do(observe(service), Raise(seen.name, 4), ask)
    assert observe(service).releases[0].minimum == 4


def test_it_is_said_that_no_task_runs(assembly: Path) -> None:
    found = {one.resource: one for one in coverage(list(stacks(assembly)), ["AWS::ECS::Service"])}
    assert found["AWS::ECS::Service"].degree is Degree.INERT
    assert "no task runs" in found["AWS::ECS::Service"].note
