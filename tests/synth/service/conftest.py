"""The service and the release that most tests look at."""

import pytest
from aws_cdk import App

from paved_road.estate import EstateStack
from paved_road.ring import Ring
from paved_road.service import Service
from tests.synth.service.services import REGION, release, service, template_of
from tests.templates import Template


@pytest.fixture(scope="module")
def internal() -> Template:
    made = service(App())
    ring = Ring.from_estate(made, REGION, "orders")
    made.connects_to(ring)
    made.connects_to(ring)
    made.connects_to(Service.from_estate(made, REGION, "get-order"))
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    return template_of(stack)


@pytest.fixture(scope="module")
def first() -> Template:
    return template_of(release(App()))
