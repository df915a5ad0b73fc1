"""Gives the nodes of one rack a new image or bundle, and leaves them their data.

Root volumes are replaced: a new one has no bundle, so its node gets what the ring wants by then.
One rack at a time is what a ring with a replica in each rack bears. Agents drain and stop their
node, keep its slot, and start it again on its old disk.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/replace-root-volume.html
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paved_road_bundle.publish import stands
from paved_road_ring import bundles
from paved_road_ring.live import LiveRing
from paved_road_ring.survey import Survey
from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.software import Wanted

IN_SERVICE = "InService"
UNDER_WAY = frozenset({"Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"})


class NotReadyError(Exception):
    """Nothing was done, and the sentence says what stands in the way."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is about to happen to a rack, or why it must not (`faults`).

    `behind` are instances that run another bundle than `bundle`, the one that they would get.
    """

    rack: str
    group: str
    image: str
    bundle: str
    behind: tuple[str, ...]
    instances: tuple[str, ...]
    least_healthy_percent: int
    faults: tuple[str, ...]


def obstacles(found: Survey, racks: Sequence[str], alarms: Sequence[str]) -> tuple[str, ...]:
    """Why no node of this ring may be taken down on purpose now; empty if one may."""
    missing = [rack for rack in racks if all(row.rack != rack for row in found.rows)]
    return (
        *([] if found.formed else ["the ring is not formed"]),
        *found.disagreements,
        *(f"rack {rack} has no node" for rack in missing),
        *(
            f"{row.slot}: {row.instance} is {row.lifecycle} in its group, and {row.phase}"
            for row in found.rows
            if row.lifecycle != IN_SERVICE or row.phase != "joined"
        ),
        *(f"alarm {name} is on" for name in alarms),
    )


def least_healthy_percent(nodes: int, at_once: int) -> int:
    """The share of a rack that stays while `at_once` of its nodes are down, as Auto Scaling counts.

    Rounded down, so that it never allows none.
    """
    return max(0, 100 * (nodes - at_once) // nodes)


class Refresh:
    """Of one ring's racks."""

    def __init__(self, ring: LiveRing) -> None:
        self._ring = ring

    def obstacles(self) -> tuple[str, ...]:
        """Look at the ring as it stands."""
        return self._obstacles(self._ring.survey(), self._ring.groups())

    def _obstacles(self, found: Survey, groups: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
        wanted = self._ring.wanted()
        buckets = {self._bucket(group) for group in groups.values()}
        return (
            *obstacles(found, sorted(groups), self._alarms()),
            *bundles.faults(wanted, found.rows),
            *self._unpublished(wanted, buckets),
        )

    def plan(self, rack: str, at_once: int) -> Plan:
        """What would happen. Raises `NotReadyError` for a rack or a number that makes no sense."""
        groups = self._ring.groups()
        if rack not in groups:
            known = ", ".join(sorted(groups))
            raise NotReadyError(f"{rack} is no rack of {self._ring.name}, which has {known}")
        group = groups[rack]
        instances = tuple(sorted(one["InstanceId"] for one in group["Instances"]))
        if not 1 <= at_once <= max(1, len(instances)):
            raise NotReadyError(f"at once go 1 to {len(instances)} nodes, not {at_once}")
        (override,) = _policy(group)["LaunchTemplate"]["Overrides"]
        found = self._ring.survey()
        runs = {row.instance: row.software for row in found.rows}
        return Plan(
            rack=rack,
            group=group["AutoScalingGroupName"],
            image=override["ImageId"],
            bundle=found.wanted,
            behind=tuple(one for one in instances if runs.get(one) != found.wanted),
            instances=instances,
            least_healthy_percent=least_healthy_percent(len(instances) or 1, at_once),
            faults=self._obstacles(found, groups),
        )

    def start(self, plan: Plan) -> str:
        """Begin; the id of the refresh. Raises `NotReadyError`."""
        if plan.faults:
            raise NotReadyError(f"rack {plan.rack} is left alone: {'; '.join(plan.faults)}")
        groups = self._ring.groups()
        for rack, group in groups.items():
            name = group["AutoScalingGroupName"]
            answer = self._autoscaling.describe_instance_refreshes(AutoScalingGroupName=name)
            for one in answer["InstanceRefreshes"]:
                if one["Status"] in UNDER_WAY:
                    raise NotReadyError(
                        f"rack {plan.rack} is left alone: refresh {one['InstanceRefreshId']} of "
                        f"rack {rack} is {one['Status']}"
                    )
        return str(
            self._autoscaling.start_instance_refresh(**request(plan, groups[plan.rack]))[
                "InstanceRefreshId"
            ]
        )

    def _alarms(self) -> list[str]:
        """Names of the ring's alarms that are on."""
        api = self._ring.clients.client("cloudwatch", self._ring.region)
        pages = api.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=f"{self._ring.stack}-", StateValue="ALARM"
        )
        return [one["AlarmName"] for page in pages for one in page["MetricAlarms"]]

    def _bucket(self, group: Mapping[str, Any]) -> str | None:
        """Where its nodes look for bundles, by the launch template that the group launches from."""
        specification = _policy(group)["LaunchTemplate"]["LaunchTemplateSpecification"]
        (found,) = self._ring.clients.client(
            "ec2", self._ring.region
        ).describe_launch_template_versions(
            LaunchTemplateId=specification["LaunchTemplateId"], Versions=[specification["Version"]]
        )["LaunchTemplateVersions"]
        user_data = base64.b64decode(found["LaunchTemplateData"]["UserData"]).decode()
        return NodeFile.from_user_data(user_data).artifact_bucket

    def _unpublished(self, wanted: Wanted | None, buckets: Iterable[str | None]) -> tuple[str, ...]:
        """A node whose root volume is gone before its bundle is there waits, and is ended."""
        s3 = self._ring.clients.client("s3", self._ring.region)
        return tuple(
            f"{wanted.key} is not in {bucket}: `paved-road bundle publish` puts it there"
            for bucket in sorted(one for one in buckets if one)
            if wanted and not stands(s3, bucket, wanted.key)
        )

    @property
    def _autoscaling(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return self._ring.clients.client("autoscaling", self._ring.region)


def request(plan: Plan, group: Mapping[str, Any]) -> dict[str, Any]:
    """What Auto Scaling is asked: the group's own launch template and image, for all its nodes.

    To skip what matches means to compare images alone, so that it would leave out every node whose
    bundle is another one but whose image is not. Nodes are protected from scale-in, and refreshed
    all the same: their data stays.
    """
    policy = _policy(group)
    return {
        "AutoScalingGroupName": plan.group,
        "Strategy": "ReplaceRootVolume",
        "DesiredConfiguration": {"MixedInstancesPolicy": policy},
        "Preferences": {
            "MinHealthyPercentage": plan.least_healthy_percent,
            "ScaleInProtectedInstances": "Refresh",
            "SkipMatching": not plan.behind,
        },
    }


def _policy(group: Mapping[str, Any]) -> dict[str, Any]:
    """The group's mixed-instances policy, without what only answers hold."""
    template = group["MixedInstancesPolicy"]["LaunchTemplate"]
    specification = template["LaunchTemplateSpecification"]
    named = {key: specification[key] for key in ("LaunchTemplateId", "Version")}
    return {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": named,
            "Overrides": [
                {key: one[key] for key in ("InstanceType", "ImageId")}
                for one in template["Overrides"]
            ],
        }
    }
