"""EC2 and Auto Scaling as an agent sees and uses them. Nobody knows (None) is not nothing."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_contract import tags
from paved_road_ring_agent.connections import client
from paved_road_ring_agent.contract import (
    LAUNCH_HOOK,
    SUSPENDED_PROCESSES,
    NodeFile,
    backup_prefix,
)
from paved_road_ring_agent.observed import Group

CANNOT_TELL = (BotoCoreError, ClientError)


class Cloud:
    """Calls under the node's own role."""

    def __init__(self, node: NodeFile) -> None:
        self._node = node
        self._groups: Any = client(node, "autoscaling")
        self._ec2: Any = client(node, "ec2")
        self._s3: Any = client(node, "s3")

    def group_of(self, instance: str) -> Group | None:
        """The group that an instance belongs to; None if it has none or nobody knows."""
        try:
            found = self._groups.describe_auto_scaling_instances(InstanceIds=[instance])
            members = found["AutoScalingInstances"]
            if not members:
                return None
            name = members[0]["AutoScalingGroupName"]
            answer = self._groups.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        except CANNOT_TELL:
            return None
        for group in answer["AutoScalingGroups"]:
            return Group(
                name=name,
                nodes=group["DesiredCapacity"],
                instances={one["InstanceId"]: one["LifecycleState"] for one in group["Instances"]},
            )
        return None

    def instances(self, state: str) -> dict[str, str] | None:
        """Addresses of the ring's instances in that state, by instance. Queried by filter.

        By id, one unknown or unreachable instance would fail the whole call.
        """
        filters = [
            {"Name": f"tag:{tags.ESTATE}", "Values": [self._node.estate]},
            {"Name": f"tag:{tags.RING}", "Values": [self._node.ring]},
            {"Name": "instance-state-name", "Values": [state]},
        ]
        try:
            pages = self._ec2.get_paginator("describe_instances").paginate(Filters=filters)
            return {
                instance["InstanceId"]: instance.get("PrivateIpAddress", "")
                for page in pages
                for reservation in page["Reservations"]
                for instance in reservation["Instances"]
            }
        except CANNOT_TELL:
            return None

    def backups(self) -> bool | None:
        """Whether the data center was ever backed up; without a backup bucket it was not.

        Another generation of the ring, whose backups stand beside, may form where none of it is.
        """
        if self._node.backup_bucket is None:
            return False
        try:
            found = self._s3.list_objects_v2(
                Bucket=self._node.backup_bucket,
                Prefix=f"{backup_prefix(self._node.ring)}{self._node.data_center}/",
                MaxKeys=1,
            )
        except CANNOT_TELL:
            return None
        return bool(found.get("KeyCount"))

    def enter_service(self, group: str, instance: str) -> None:
        """Keep the group from replacing nodes on its own, then complete the own launch."""
        self._groups.suspend_processes(
            AutoScalingGroupName=group, ScalingProcesses=list(SUSPENDED_PROCESSES)
        )
        self._groups.complete_lifecycle_action(
            AutoScalingGroupName=group,
            LifecycleHookName=LAUNCH_HOOK,
            InstanceId=instance,
            LifecycleActionResult="CONTINUE",
        )

    def keep_waiting(self, group: str, instance: str) -> None:
        """Have the launch hook wait for an instance as long again."""
        self._groups.record_lifecycle_action_heartbeat(
            AutoScalingGroupName=group, LifecycleHookName=LAUNCH_HOOK, InstanceId=instance
        )

    def complete(self, group: str, hook: str, instance: str, result: str) -> None:
        """Let a waiting instance go on (CONTINUE), or not (ABANDON)."""
        self._groups.complete_lifecycle_action(
            AutoScalingGroupName=group,
            LifecycleHookName=hook,
            InstanceId=instance,
            LifecycleActionResult=result,
        )

    def replace(self, instance: str) -> None:
        """End an instance in its group, which launches another one in its place."""
        self._groups.terminate_instance_in_auto_scaling_group(
            InstanceId=instance, ShouldDecrementDesiredCapacity=False
        )
