"""Which bundle a ring's nodes should run, where a node with a new root volume looks for it."""

from aws_cdk import aws_ssm as ssm
from constructs import Construct

from paved_road_bundle.bundle import BundlePin
from paved_road_ring_agent.contract import bundle_parameter


def wanted_bundle(scope: Construct, pin: BundlePin, *, estate: str, ring: str) -> ssm.CfnParameter:
    """A parameter of the ring's stack, so that a deploy that is rolled back takes it along.

    Launch templates do not name it: an instance keeps the user data of its launch
    (docs/decisions/upgrade-in-place.md).
    """
    return ssm.CfnParameter(
        scope,
        "Bundle",
        name=bundle_parameter(estate, ring),
        type="String",
        value=pin.wanted.to_json(),
        description=f"What nodes of ring {ring} run after their next new root volume",
    )
