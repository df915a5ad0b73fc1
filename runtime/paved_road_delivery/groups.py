"""What runs a release, instances or tasks of ECS, and how few members it may have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from paved_road_delivery.contract import ReleaseOutput

COUNT = "ecs:service:DesiredCount"
"""What Application Auto Scaling scales:
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html"""


@dataclass(frozen=True)
class Size:
    """The fewest and the most members that scaling may leave or bring, as they are live."""

    minimum: int
    maximum: int


class Clients(Protocol):
    """Where the release stands."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A boto3 client of the release's region."""


class Group(Protocol):
    """One release's members."""

    def size(self) -> Size | None:
        """As it is live; None if there is no such group."""

    def raise_minimum(self, minimum: int) -> None:
        """Have so many at least, from now on; repeating it changes nothing."""


@dataclass(frozen=True)
class Instances:
    """An auto-scaled group of EC2."""

    clients: Clients
    name: str

    def size(self) -> Size | None:
        """See `Group`."""
        groups = self.clients.client("autoscaling")
        found = groups.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])
        sizes = [Size(one["MinSize"], one["MaxSize"]) for one in found["AutoScalingGroups"]]
        return next(iter(sizes), None)

    def raise_minimum(self, minimum: int) -> None:
        """See `Group`. Auto Scaling launches what is missing."""
        self.clients.client("autoscaling").update_auto_scaling_group(
            AutoScalingGroupName=self.name, MinSize=minimum
        )


@dataclass(frozen=True)
class Tasks:
    """A service of ECS, by its scalable target: `service/<cluster>/<service>`."""

    clients: Clients
    target: str

    def size(self) -> Size | None:
        """See `Group`."""
        found = self.clients.client("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[self.target], ScalableDimension=COUNT
        )
        sizes = [Size(one["MinCapacity"], one["MaxCapacity"]) for one in found["ScalableTargets"]]
        return next(iter(sizes), None)

    def raise_minimum(self, minimum: int) -> None:
        """See `Group`. A new minimum starts no task by itself, so those that lack are asked for."""
        self.clients.client("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=self.target,
            ScalableDimension=COUNT,
            MinCapacity=minimum,
        )
        _, cluster, name = self.target.split("/")
        ecs = self.clients.client("ecs")
        (found,) = ecs.describe_services(cluster=cluster, services=[name])["services"]
        if found["desiredCount"] < minimum:
            ecs.update_service(cluster=cluster, service=name, desiredCount=minimum)


def group_of(clients: Clients, outputs: Mapping[str, str]) -> Group | None:
    """What a release's stack says that it runs on; None while its stack says nothing yet."""
    if name := outputs.get(ReleaseOutput.GROUP):
        return Instances(clients, name)
    if target := outputs.get(ReleaseOutput.TASKS):
        return Tasks(clients, target)
    return None


def declared_maximum(resources: Mapping[str, Mapping[str, Any]]) -> int:
    """The most members that a release's template admits."""
    for resource in resources.values():
        if resource["Type"] == "AWS::AutoScaling::AutoScalingGroup":
            return int(resource["Properties"]["MaxSize"])
        if resource["Type"] == "AWS::ApplicationAutoScaling::ScalableTarget":
            return int(resource["Properties"]["MaxCapacity"])
    raise ValueError("the template holds neither a group of instances nor a scaled service of ECS")
