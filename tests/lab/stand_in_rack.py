"""A rack whose nodes run stand-ins for bundles: their agent writes down which one it is."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from paved_road_bundle.bundle import Bundle
from paved_road_bundle.contents import Contents
from paved_road_bundle.first_boot import first_boot
from paved_road_bundle.pack import pack
from paved_road_bundle.wheel_tools import fetch_wheels
from paved_road_bundle.wheels import WheelLock
from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts.record import BOOT_LOG, Host, directory, recorded_hosts, root
from paved_road_lab.hosts.status import host_statuses
from paved_road_ring_agent.software import Wanted
from tests.lab.published import BUCKET
from tests.lab.rack_of_hosts import REGION, template
from tests.lab.software import CACHE
from tests.nodes import NODE
from tests.unit.bundles import content, lock_of
from tests.waiting import until

AGENT = """
import os, time
with open("var/lib/paved-road/ran", "a") as told:
    told.write(os.environ["PAVED_ROAD_BUNDLE"].rsplit("/", 1)[-1] + "\\n")
time.sleep(600)
"""
SUPERVISOR = "import time; time.sleep(600)"


def packed(folder: Path, name: str) -> Bundle:
    """A stand-in for the bundle of another version."""
    wheels = WheelLock(
        folder / "agent.lock", tuple(one for one in WheelLock.read().wheels if one.name == "pip")
    )
    folder.mkdir(parents=True)
    packages = [folder / "paved_road_ring_agent", folder / "paved_road_ring_node"]
    wheels.write()
    fetch_wheels(wheels, CACHE / "wheels")
    (folder / "wheels").symlink_to(CACHE / "wheels")
    programs = ("supervisor", SUPERVISOR), ("agent", AGENT)
    for package, (module, text) in zip(packages, programs, strict=True):
        package.mkdir()
        (package / "__init__.py").touch()
        (package / f"{module}.py").write_text(text)
    jars = lock_of(name)
    for one in jars.artifacts:
        (folder / "maven" / one.path).parent.mkdir(parents=True)
        (folder / "maven" / one.path).write_bytes(content(one.artifact))
    return pack(Contents.of(jars, wheels, packages=packages), folder, folder)


@dataclass
class Rack:
    """A stack of two nodes, deployed again and again with other bundles."""

    folder: Path
    cloud: LabCloud
    network: str
    deploys: int = 0

    def deploy(self, wanted: Wanted) -> None:
        user_data = first_boot(replace(NODE, artifact_bucket=BUCKET))
        api: Any = self.cloud.client("cloudformation", REGION)
        (api.update_stack if self.deploys else api.create_stack)(
            StackName="rack",
            TemplateBody=template(user_data, 2, wanted.to_json(), network=self.network),
        )
        self.deploys += 1

    def nodes(self) -> list[Host]:
        return recorded_hosts(self.folder)

    def ran(self, node: Host) -> list[str]:
        """Which bundles this node ran, by its disk, one entry for each start of its agent."""
        file = root(self.folder, node.instance_id) / "var/lib/paved-road/ran"
        return file.read_text().split() if file.exists() else []

    def boots(self, node: Host) -> str:
        return (directory(self.folder, node.instance_id) / BOOT_LOG).read_text()

    @property
    def groups(self) -> Any:
        return self.cloud.client("autoscaling", REGION)

    def group(self) -> dict[str, Any]:
        (found,) = self.groups.describe_auto_scaling_groups()["AutoScalingGroups"]
        return dict(found)

    def lifecycles(self) -> dict[str, str]:
        return {one["InstanceId"]: one["LifecycleState"] for one in self.group()["Instances"]}

    def refreshes(self) -> list[tuple[str, int]]:
        """Their status and how many members are left, the newest first."""
        found = self.groups.describe_instance_refreshes(
            AutoScalingGroupName=self.group()["AutoScalingGroupName"]
        )["InstanceRefreshes"]
        return [(one["Status"], one["InstancesToUpdate"]) for one in found]

    def complete(self, instance: str, hook: str) -> None:
        self.groups.complete_lifecycle_action(
            AutoScalingGroupName=self.group()["AutoScalingGroupName"],
            LifecycleHookName=hook,
            InstanceId=instance,
            LifecycleActionResult="CONTINUE",
        )

    def until_it_ran(self, node: Host, *bundles: Bundle) -> None:
        until(lambda: self.ran(node) == [one.sha256 for one in bundles])

    def states(self) -> dict[str, str]:
        return {one.instance: one.state for one in host_statuses(self.folder)}

    def replace_root_volume(self, node: Host) -> None:
        """As EC2 does it: the same instance, another volume as its root."""
        ec2: Any = self.cloud.client("ec2", REGION)
        found = ec2.describe_instances(InstanceIds=[node.instance_id])
        instance = found["Reservations"][0]["Instances"][0]
        (device,) = (
            one
            for one in instance["BlockDeviceMappings"]
            if one["DeviceName"] == instance["RootDeviceName"]
        )
        new = ec2.create_volume(AvailabilityZone=instance["Placement"]["AvailabilityZone"], Size=8)
        ec2.detach_volume(VolumeId=device["Ebs"]["VolumeId"], InstanceId=node.instance_id)
        ec2.attach_volume(
            VolumeId=new["VolumeId"], InstanceId=node.instance_id, Device=device["DeviceName"]
        )
