"""Services and releases to synthesize in a test, and what their templates hold."""

from typing import Any

from aws_cdk import App, Stage

from paved_road.estate import EstateStack, Region
from paved_road.network import Network
from paved_road.service import Capacity, Container, ReleaseStack, Service, ServiceStack
from tests.templates import Template, of_type

REGION = Region(estate="acme", name="us-east-1", zones="abc")
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0"
DIGEST = "sha256:" + 64 * "0"
CAPACITY = Capacity(minimum=3, maximum=60, requests_per_minute_per_target=400)


def service(app: App | Stage, **props: Any) -> Service:
    stack = ServiceStack(app, REGION, name="place-order", owner="orders")
    return Service(stack, "Service", network=Network.from_estate(stack, REGION), **props)


def release(
    app: App | Stage, number: int = 1, region: Region = REGION, **props: Any
) -> ReleaseStack:
    given: dict[str, Any] = {
        "service": "place-order",
        "owner": "orders",
        "artifact": Container.by_digest("place-order", DIGEST),
        "capacity": CAPACITY,
        **props,
    }
    return ReleaseStack(app, region, number=number, **given)


def template_of(stack: EstateStack) -> Template:
    app = stack.node.root
    assert isinstance(app, App)
    template: Template = app.synth().get_stack_by_name(stack.stack_name).template
    return template


def groups(found: Template) -> dict[str, Any]:
    return {
        one["GroupDescription"]: one for one in of_type(found, "AWS::EC2::SecurityGroup").values()
    }
