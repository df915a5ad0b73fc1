"""What the emulator says of the instances that run: those of rings and of releases."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from paved_road_contract.tags import RELEASE, RING
from paved_road_lab.cloud import LabCloud
from paved_road_ring_agent.contract import RACK_TAG


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One instance that should have a host: of a ring's rack, or of a service's release."""

    id: str
    region: str
    zone: str
    type: str
    image: str
    architecture: str
    launched: str
    address: str
    rack: str
    release: str = ""
    profile_arn: str | None
    root_volume: str = ""


def instances(cloud: LabCloud, regions: Iterable[str]) -> Mapping[str, Instance]:
    """Instances of rings and releases that are pending or running, by id.

    Anything that fails raises, so that nothing is ever concluded from an answer that is missing.
    """
    filters = [
        {"Name": "tag-key", "Values": [RELEASE, RING]},
        {"Name": "instance-state-name", "Values": ["pending", "running"]},
    ]
    found = {}
    for region in regions:
        pages = cloud.client("ec2", region).get_paginator("describe_instances")
        for page in pages.paginate(Filters=filters):
            for reservation in page["Reservations"]:
                for told in reservation["Instances"]:
                    found[told["InstanceId"]] = _instance(told, region)
    return found


def loopback(private_address: str) -> str:
    """The instance's address on this machine: `10.1.2.3` is `127.1.2.3`, and so is `127.1.2.3`."""
    return f"127.{private_address.split('.', 1)[1]}"


def _instance(told: dict[str, Any], region: str) -> Instance:
    tags = {tag["Key"]: tag["Value"] for tag in told.get("Tags", ())}
    return Instance(
        id=told["InstanceId"],
        region=region,
        zone=told["Placement"]["AvailabilityZone"],
        type=told["InstanceType"],
        image=told["ImageId"],
        architecture=told.get("Architecture", "x86_64"),
        launched=told["LaunchTime"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        address=loopback(told["PrivateIpAddress"]),
        rack=tags.get(RACK_TAG, ""),
        release=tags.get(RELEASE, ""),
        profile_arn=told.get("IamInstanceProfile", {}).get("Arn"),
        root_volume=_root_volume(told),
    )


def _root_volume(told: dict[str, Any]) -> str:
    """Its id; empty while there is none, as in the middle of a replacement.

    The emulator calls the root device by another name than Amazon Linux and may have no such
    device: then it is the only one that there is.
    """
    volumes = {
        one["DeviceName"]: str(one["Ebs"]["VolumeId"])
        for one in told.get("BlockDeviceMappings", ())
    }
    only = next(iter(volumes.values())) if len(volumes) == 1 else ""
    return volumes.get(told.get("RootDeviceName", ""), only)
