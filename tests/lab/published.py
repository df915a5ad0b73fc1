"""Bundles in an emulated bucket, for hosts that boot as instances do."""

from dataclasses import replace

from paved_road_bundle.bundle import Bundle
from paved_road_bundle.first_boot import first_boot
from paved_road_bundle.publish import publish
from paved_road_lab.cloud import LabCloud
from paved_road_lab.state import Lab
from paved_road_ring_agent.contract import NodeFile, bundle_parameter
from paved_road_ring_agent.software import Wanted
from tests.lab.rack_of_hosts import REGION
from tests.nodes import NODE

BUCKET = "acme-us-east-1-artifacts"


def published(lab: Lab, bundle: Bundle) -> NodeFile:
    """A node whose bundle stands in a bucket of the lab; takes a second for 100 MB."""
    s3 = LabCloud(lab).client("s3", REGION)
    s3.create_bucket(Bucket=BUCKET)
    publish(bundle, s3, BUCKET)
    want(lab, bundle.wanted)
    return replace(NODE, artifact_bucket=BUCKET)


def want(lab: Lab, wanted: Wanted) -> None:
    """Have the ring want a bundle on its nodes, as its stack does."""
    LabCloud(lab).client("ssm", REGION).put_parameter(
        Name=bundle_parameter(NODE.estate, NODE.ring),
        Type="String",
        Value=wanted.to_json(),
        Overwrite=True,
    )


def user_data(node: NodeFile) -> str:
    """As a ring's launch template has it."""
    return first_boot(node)
