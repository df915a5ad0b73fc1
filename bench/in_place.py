"""The peer: the same service as one group that is updated in place, member after member.

Its stack is a release's with another name and a version that changes: the same launch template,
image, settings, health check and size, behind the same load balancer. As
`AutoScalingRollingUpdate` with `MinInstancesInService` one below the size says, a member ends and
its successor is healthy before the next one's turn. The lab's CloudFormation updates launch
template and group and heeds no update policy, so the bench does that part.
"""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from paved_road_contract.stacks import Kind, release_name, stack_name
from paved_road_delivery.contract import ReleaseOutput, ReleaseParameter
from paved_road_delivery.service import LiveService, describe_stack, outputs_of
from tests.lab.services_app import MEMBERS, PLACE, digest
from tests.waiting import until

NAME = "place-order-in-place"
PRIORITY = "1"
"""Of its test cell's rule: before those of all releases but the last that may ever be."""


@dataclass(frozen=True)
class InPlace:
    """Versions are the numbers of the releases whose image they run."""

    service: LiveService
    template: str

    @staticmethod
    def create(service: LiveService, like: int, version: int) -> "InPlace":
        """Stands and is healthy when this returns; nobody calls it yet."""
        name = release_name(PLACE, like)
        stack = stack_name(service.estate, service.region, Kind.RELEASE, name)
        cloudformation = service.client("cloudformation")
        body = cloudformation.get_template(StackName=stack)["TemplateBody"]
        text = json.dumps(_without_alarms(body)).replace(digest(like), "{digest}")
        made = InPlace(service, text.replace(name, NAME))
        described = describe_stack(cloudformation, stack) or {}
        tags = json.loads(json.dumps(described["Tags"]).replace(name, NAME))
        cloudformation.create_stack(
            StackName=NAME,
            TemplateBody=made._at(version),
            Parameters=[{"ParameterKey": ReleaseParameter.PRIORITY, "ParameterValue": PRIORITY}],
            Tags=tags,
        )
        cloudformation.get_waiter("stack_create_complete").wait(StackName=NAME)
        until(lambda: len(made._healthy()) == MEMBERS[PLACE])
        return made

    def take_traffic(self) -> None:
        """From now on it answers everybody. Alarms start nothing: it has no rollback."""
        events = self.service.client("events")
        for rule in events.list_rules()["Rules"]:
            events.disable_rule(Name=rule["Name"])
        self.service.client("elbv2").modify_rule(
            RuleArn=self.service.live_rule()["RuleArn"],
            Actions=[
                {"Type": "forward", "TargetGroupArn": self._output(ReleaseOutput.TARGET_GROUP)}
            ],
        )

    def update(self, version: int) -> None:
        """To another version: the stack, then its members one after the other."""
        cloudformation = self.service.client("cloudformation")
        cloudformation.update_stack(
            StackName=NAME,
            TemplateBody=self._at(version),
            Parameters=[{"ParameterKey": ReleaseParameter.PRIORITY, "UsePreviousValue": True}],
        )
        cloudformation.get_waiter("stack_update_complete").wait(StackName=NAME)
        group = self.service.client("autoscaling")
        for member in sorted(self._members()):
            group.terminate_instance_in_auto_scaling_group(
                InstanceId=member, ShouldDecrementDesiredCapacity=False
            )
            until(partial(self._replaced, member))

    def _at(self, version: int) -> str:
        return self.template.replace("{digest}", digest(version))

    def _replaced(self, member: str) -> bool:
        healthy = self._healthy()
        return member not in healthy and len(healthy) == MEMBERS[PLACE]

    def _members(self) -> set[str]:
        groups = self.service.client("autoscaling").describe_auto_scaling_groups(
            AutoScalingGroupNames=[self._output(ReleaseOutput.GROUP)]
        )["AutoScalingGroups"]
        return {str(one["InstanceId"]) for group in groups for one in group["Instances"]}

    def _healthy(self) -> set[str]:
        told = self.service.client("elbv2").describe_target_health(
            TargetGroupArn=self._output(ReleaseOutput.TARGET_GROUP)
        )
        return {
            str(one["Target"]["Id"])
            for one in told["TargetHealthDescriptions"]
            if one["TargetHealth"]["State"] == "healthy"
        }

    def _output(self, name: str) -> str:
        return outputs_of(describe_stack(self.service.client("cloudformation"), NAME) or {})[name]


def _without_alarms(template: dict[str, Any]) -> dict[str, Any]:
    rows = {
        id: row
        for id, row in template["Resources"].items()
        if row["Type"] != "AWS::CloudWatch::Alarm"
    }
    return {**template, "Resources": rows}
