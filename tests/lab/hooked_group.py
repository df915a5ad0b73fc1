"""An Auto Scaling group with lifecycle hooks in a lab, and what tests ask of it."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from paved_road_lab.cloud import LabCloud
from tests.lab.small_stacks import create, network

LIVING, STILL = "us-east-1", "eu-west-1"
"""A region with hosts, and one without."""

RANGES = itertools.count(1)


def hook(name: str, transition: str, default: str, seconds: int = 600) -> dict[str, Any]:
    return {
        "LifecycleHookName": name,
        "LifecycleTransition": f"autoscaling:EC2_INSTANCE_{transition}",
        "HeartbeatTimeout": seconds,
        "DefaultResult": default,
    }


CLAIM = hook("claim", "LAUNCHING", "ABANDON")
DRAIN = hook("drain", "TERMINATING", "CONTINUE")
KEEP = hook("drain", "TERMINATING", "ABANDON")


@dataclass
class Group:
    """A group of the stack of a test, and what is asked of it."""

    cloud: LabCloud
    stack: str
    name: str
    targets: str
    region: str

    @property
    def api(self) -> Any:
        return self.cloud.client("autoscaling", self.region)

    @property
    def ec2(self) -> Any:
        return self.cloud.client("ec2", self.region)

    @property
    def cloudformation(self) -> Any:
        return self.cloud.client("cloudformation", self.region)

    def described(self) -> dict[str, Any]:
        found = self.api.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])
        groups: list[dict[str, Any]] = found["AutoScalingGroups"]
        return groups[0] if groups else {"Instances": []}

    def states(self) -> dict[str, str]:
        return {one["InstanceId"]: one["LifecycleState"] for one in self.described()["Instances"]}

    def in_state(self, state: str) -> list[str]:
        return [instance for instance, found in self.states().items() if found == state]

    def counts(self) -> dict[str, int]:
        found = sorted(self.states().values())
        return {state: found.count(state) for state in found}

    def registered(self) -> set[str]:
        elb = self.cloud.client("elbv2", self.region)
        health = elb.describe_target_health(TargetGroupArn=self.targets)
        return {one["Target"]["Id"] for one in health["TargetHealthDescriptions"]}

    def runs(self, instance: str) -> bool:
        found = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"]
        return bool(found[0]["Instances"][0]["State"]["Name"] == "running")

    def complete(self, instance: str, hook_name: str, result: str = "CONTINUE") -> None:
        self.api.complete_lifecycle_action(
            AutoScalingGroupName=self.name,
            LifecycleHookName=hook_name,
            InstanceId=instance,
            LifecycleActionResult=result,
        )

    def start_all(self) -> list[str]:
        for instance in self.in_state("Pending:Wait"):
            self.complete(instance, "claim")
        return self.in_state("InService")

    def terminate(self, instance: str, *, decrement: bool = False) -> None:
        self.api.terminate_instance_in_auto_scaling_group(
            InstanceId=instance, ShouldDecrementDesiredCapacity=decrement
        )

    def delete_stack(self) -> None:
        self.cloudformation.delete_stack(StackName=self.stack)

    def stack_status(self) -> str:
        try:
            found = self.cloudformation.describe_stacks(StackName=self.stack)
        except ClientError:
            return "gone"
        return str(found["Stacks"][0]["StackStatus"])


Create = Callable[..., Group]


def create_group(
    cloud: LabCloud,
    stack: str,
    *hooks: dict[str, Any],
    region: str = LIVING,
    retain: bool = False,
    **declared: Any,
) -> Group:
    """Two instances behind a target group, in a stack of its own."""
    template = network(f"10.{next(RANGES)}")
    properties = template["Resources"]["Group"]["Properties"]
    properties |= {"MinSize": "2", "LifecycleHookSpecificationList": list(hooks), **declared}
    if retain:
        properties["InstanceLifecyclePolicy"] = {
            "RetentionTriggers": {"TerminateHookAbandon": "retain"}
        }
    told = create(cloud, stack, json.dumps(template), region)
    return Group(cloud, stack, told["Group"], told["Targets"], region)
