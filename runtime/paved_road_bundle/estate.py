"""Publishes what an estate's rings pin, before they are deployed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paved_road_bundle.bundle import Bundle, BundlePin
from paved_road_bundle.errors import RefusedError
from paved_road_bundle.publish import Published, publish, stands
from paved_road_contract.assembly import Stack, stacks
from paved_road_contract.stacks import Kind, stack_name
from paved_road_contract.tags import COMPONENT, ESTATE, RING
from paved_road_ring_agent.contract import bundle_parameter
from paved_road_ring_agent.software import Wanted

Clients = Callable[[str, str], Any]
"""A boto3 client by service and region."""


@dataclass(frozen=True, order=True)
class Pinned:
    """What the ring of a synthesized stack starts from."""

    region: str
    stack: str
    estate: str
    key: str
    sha256: str


def pinned(assembly: Path) -> list[Pinned]:
    """One entry for each ring, as the parameter of its stack says."""
    return sorted(
        Pinned(stack.region, stack.name, stack.tags[ESTATE], wanted.key, wanted.sha256)
        for stack in stacks(assembly)
        if stack.tags[COMPONENT] == Kind.RING
        for wanted in [_wanted(stack)]
    )


def publish_pinned(
    assembly: Path, clients: Clients, build: Callable[[], Bundle], *, dry_run: bool = False
) -> list[Published]:
    """Make every region's artifact bucket hold the bundles that its rings pin.

    `build` is called only if one is missing, and is this version's. Raises `RefusedError` for a
    missing bundle of another version, and for a region whose artifact stack is not deployed.
    """
    done: list[Published] = []
    built: Bundle | None = None
    for one in pinned(assembly):
        bucket = _bucket(clients("cloudformation", one.region), one)
        s3 = clients("s3", one.region)
        if (bucket, one.key) in {(made.bucket, made.key) for made in done}:
            continue
        if stands(s3, bucket, one.key):
            done.append(Published(bucket, one.key, one.sha256, uploaded=False))
            continue
        if one.sha256 != BundlePin.of_this_version().sha256:
            raise RefusedError(
                f"{one.stack} pins {one.key}, which is neither in {bucket} nor what these sources "
                "make: synthesize again, or publish it from the version that it came from"
            )
        built = built or build()
        done.append(publish(built, s3, bucket, dry_run=dry_run))
    return done


def _bucket(cloudformation: Any, wanted: Pinned) -> str:  # noqa: ANN401 - boto3 makes its clients at run time
    from botocore.exceptions import ClientError

    name = stack_name(wanted.estate, wanted.region, Kind.ARTIFACTS)
    try:
        (found,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise RefusedError(
            f"{name} is not deployed: deploy the artifact stacks first, then publish, then the rest"
        ) from error
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}
    return str(outputs["BucketName"])


def _wanted(ring: Stack) -> Wanted:
    name = bundle_parameter(ring.tags[ESTATE], ring.tags[RING])
    (value,) = (
        resource["Properties"]["Value"]
        for resource in ring.resources.values()
        if resource["Type"] == "AWS::SSM::Parameter" and resource["Properties"]["Name"] == name
    )
    return Wanted.from_json(value)
