"""A service as it stands in one region: its listeners, its lanes, and how they are moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery import contract
from paved_road_delivery.cloud import Cloud, DeliveryError, RefusedError
from paved_road_delivery.contract import ServiceOutput
from paved_road_delivery.lanes import Lane
from paved_road_delivery.stacks import Standing, find_stack, update_with_previous_template


@dataclass(frozen=True)
class LiveService:
    """One service of an estate in one region, read and moved through AWS's own APIs."""

    cloud: Cloud
    estate: str
    region: str
    name: str

    def client(self, service: str) -> Any:  # noqa: ANN401 - see Cloud
        """A client in the service's region."""
        return self.cloud.client(service, self.region)

    def stack_name(self, kind: Kind) -> str:
        """Name of one of the service's stacks."""
        return stack_name(self.estate, self.region, kind, self.name)

    @cached_property
    def stack(self) -> Standing:
        """The service's own stack. Raises `RefusedError` if it does not stand."""
        found = find_stack(self.client("cloudformation"), self.stack_name(Kind.SERVICE))
        if found is None:
            raise RefusedError(
                f"service {self.name} of {self.estate} does not stand in {self.region}: "
                f"deploy {self.stack_name(Kind.SERVICE)} first"
            )
        return found

    @cached_property
    def idle(self) -> tuple[str, ...]:
        """Target groups of lanes without a release, by lane."""
        return tuple(
            self.stack.outputs[f"{ServiceOutput.IDLE_TARGET_GROUP}{lane}"]
            for lane in contract.LANES
        )

    def recorded(self) -> tuple[Lane, ...]:
        """What the parameters say. The live rule says the same unless a shift was interrupted."""
        names = {
            lane: (
                contract.target_group_parameter(self.estate, self.name, lane),
                contract.weight_parameter(self.estate, self.name, lane),
            )
            for lane in contract.LANES
        }
        answer = self.client("ssm").get_parameters(
            Names=[name for pair in names.values() for name in pair]
        )
        if missing := answer["InvalidParameters"]:
            raise RefusedError(
                f"parameters {', '.join(missing)} are missing in {self.region}: deploy "
                f"{self.stack_name(Kind.SERVICE)} again"
            )
        values = {one["Name"]: one["Value"] for one in answer["Parameters"]}
        return tuple(Lane(values[group], int(values[weight])) for group, weight in names.values())

    def live(self) -> tuple[Lane, ...]:
        """What the live rule says, in no order: where callers' requests go."""
        return tuple(
            Lane(one["TargetGroupArn"], one["Weight"])
            for one in self._live_rule()["Actions"][0]["ForwardConfig"]["TargetGroups"]
        )

    def taken_priorities(self) -> frozenset[int]:
        """Priorities of the rules on the test listener."""
        rules = self._rules(ServiceOutput.TEST_LISTENER)
        return frozenset(int(rule["Priority"]) for rule in rules if rule["Priority"] != "default")

    def healthy(self, target_group: str) -> int:
        """How many targets can take traffic right now."""
        return sum(state == "healthy" for state in self._target_states(target_group))

    def registered(self, target_group: str) -> int:
        """How many targets there are, healthy or not, without those that leave."""
        return sum(state != "draining" for state in self._target_states(target_group))

    def move(self, lanes: Sequence[Lane]) -> str:
        """Move traffic: the parameters, the rule, then the stack, and read the rule back.

        The rule is what moves traffic; parameters come first so that a stack update from
        elsewhere at the same moment cannot move it back. Doing it again after an interruption
        anywhere ends in the same state. Returns what a person should know although traffic moved,
        usually nothing.

        Raises `RefusedError` for a lane that would get traffic without a healthy target: load
        balancers do not fail away from an empty weighted group.
        """
        for lane in lanes:
            if lane.weight > 0 and not self.healthy(lane.target_group):
                raise RefusedError(
                    f"{lane.target_group} has no healthy target, so it gets no traffic"
                )
        self._record(lanes)
        self.client("elbv2").modify_rule(
            RuleArn=self._live_rule()["RuleArn"],
            Actions=[
                {
                    "Type": "forward",
                    "ForwardConfig": {
                        "TargetGroups": [
                            {"TargetGroupArn": lane.target_group, "Weight": lane.weight}
                            for lane in lanes
                        ]
                    },
                }
            ],
        )
        fault = update_with_previous_template(
            self.client("cloudformation"), self.stack_name(Kind.ROUTING)
        )
        if (found := set(self.live())) != set(lanes):
            raise DeliveryError(
                f"the live rule of {self.name} in {self.region} says {_told(found)}, not "
                f"{_told(lanes)}: " + (fault or "something else moves traffic at the same time")
            )
        return fault and f"traffic moved as the live rule says, but {fault}"

    def _record(self, lanes: Sequence[Lane]) -> None:
        ssm = self.client("ssm")
        for number, lane in zip(contract.LANES, lanes, strict=True):
            for name, value in (
                (contract.target_group_parameter, lane.target_group),
                (contract.weight_parameter, str(lane.weight)),
            ):
                ssm.put_parameter(
                    Name=name(self.estate, self.name, number), Value=value, Overwrite=True
                )

    def _live_rule(self) -> dict[str, Any]:
        for rule in self._rules(ServiceOutput.LISTENER):
            if rule["Priority"] == str(contract.LIVE_PRIORITY):
                return rule
        raise RefusedError(
            f"service {self.name} has no live rule in {self.region}: deploy "
            f"{self.stack_name(Kind.ROUTING)} first"
        )

    def _rules(self, listener: str) -> list[dict[str, Any]]:
        pages = self.client("elbv2").get_paginator("describe_rules")
        arn = self.stack.outputs[listener]
        return [rule for page in pages.paginate(ListenerArn=arn) for rule in page["Rules"]]

    def _target_states(self, target_group: str) -> list[str]:
        answer = self.client("elbv2").describe_target_health(TargetGroupArn=target_group)
        return [one["TargetHealth"]["State"] for one in answer["TargetHealthDescriptions"]]


def _told(lanes: Sequence[Lane] | set[Lane]) -> str:
    """Lanes in words, by the name that ends a target group's ARN."""
    return ", ".join(
        sorted(f"{lane.weight} to {lane.target_group.split('/')[-2]}" for lane in lanes)
    )
