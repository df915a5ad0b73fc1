"""A service as it stands in one region: its listeners, its lanes, and how they are moved."""

from dataclasses import dataclass
from typing import Any

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery import contract
from paved_road_delivery.cloud import Cloud, DeliveryError, RefusedError
from paved_road_delivery.contract import ServiceOutput
from paved_road_delivery.policies import LANES_STAY


@dataclass(frozen=True)
class Lane:
    """A place in the live rule: a target group and its weight."""

    target_group: str
    weight: int


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

    def stack(self, kind: Kind) -> str:
        """Name of one of the service's stacks."""
        return stack_name(self.estate, self.region, kind, self.name)

    def outputs(self) -> dict[str, str]:
        """What the service's stack publishes. `DeliveryError` if it does not stand."""
        found = describe_stack(self.client("cloudformation"), self.stack(Kind.SERVICE))
        if found is None:
            raise RefusedError(
                f"service {self.name} does not stand in {self.region}: deploy its stack first"
            )
        return outputs_of(found)

    def lanes(self) -> list[Lane]:
        """What the parameters say. The live rule says the same unless a shift was interrupted."""
        ssm = self.client("ssm")

        def value(name: str) -> str:
            return str(ssm.get_parameter(Name=name)["Parameter"]["Value"])

        return [
            Lane(
                value(contract.target_group_parameter(self.estate, self.name, lane)),
                int(value(contract.weight_parameter(self.estate, self.name, lane))),
            )
            for lane in contract.LANES
        ]

    def idle(self) -> list[str]:
        """Target groups that stand in lanes without a release, by lane."""
        outputs = self.outputs()
        return [outputs[f"{ServiceOutput.IDLE_TARGET_GROUP}{lane}"] for lane in contract.LANES]

    def keep_lanes(self) -> None:
        """From now on no update of the service's stack touches the parameters of its lanes."""
        self.client("cloudformation").set_stack_policy(
            StackName=self.stack(Kind.SERVICE), StackPolicyBody=LANES_STAY
        )

    def live_rule(self) -> dict[str, Any]:
        """The rule that callers' requests follow."""
        rules = self.client("elbv2").describe_rules(
            ListenerArn=self.outputs()[ServiceOutput.LISTENER]
        )["Rules"]
        for rule in rules:
            if rule["Priority"] == str(contract.LIVE_PRIORITY):
                return dict(rule)
        raise RefusedError(
            f"service {self.name} has no live rule in {self.region}: deploy its routing stack first"
        )

    def move(self, lanes: list[Lane]) -> None:
        """Move traffic: the parameters, the rule, then the stack, and read the rule back.

        The rule is what moves traffic; parameters come first so that a stack update from
        elsewhere at the same moment cannot move it back. Doing it again after an interruption
        anywhere ends in the same state.

        Raises `RefusedError` for weight on a target group without healthy targets: a load balancer
        does not fail away from it.
        """
        for lane in lanes:
            if lane.weight > 0 and not self.healthy(lane.target_group):
                raise RefusedError(
                    f"{lane.target_group} has no healthy target, so it gets no traffic"
                )
        self.record(lanes)
        self.route(lanes)
        behind = self.settle()
        found = self.live_weights()
        wanted = {lane.target_group: lane.weight for lane in lanes}
        if found != wanted:
            raise DeliveryError(
                f"the live rule of {self.name} in {self.region} says {found}, not {wanted}: "
                "something else moves traffic at the same time"
            )
        if behind:
            raise DeliveryError(
                f"traffic of {self.name} in {self.region} has moved as asked, but its stack "
                f"{self.stack(Kind.ROUTING)} did not follow: {behind}"
            )

    def record(self, lanes: list[Lane]) -> None:
        """Put the parameters: what any later update of the routing stack applies."""
        ssm = self.client("ssm")
        for number, lane in zip(contract.LANES, lanes, strict=True):
            for name, value in (
                (contract.target_group_parameter, lane.target_group),
                (contract.weight_parameter, str(lane.weight)),
            ):
                ssm.put_parameter(
                    Name=name(self.estate, self.name, number), Value=value, Overwrite=True
                )

    def route(self, lanes: list[Lane]) -> None:
        """Change the live rule: traffic moves."""
        tuples = [{"TargetGroupArn": lane.target_group, "Weight": lane.weight} for lane in lanes]
        self.client("elbv2").modify_rule(
            RuleArn=self.live_rule()["RuleArn"],
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": tuples}}],
        )

    def live_weights(self) -> dict[str, int]:
        """Weights by target group, as the live rule has them."""
        return {
            one["TargetGroupArn"]: one["Weight"]
            for one in self.live_rule()["Actions"][0]["ForwardConfig"]["TargetGroups"]
        }

    def settle(self) -> str:
        """Let the stack resolve its parameters anew; returns what went wrong, if anything."""
        from botocore.exceptions import ClientError, WaiterError

        cloudformation = self.client("cloudformation")
        name = self.stack(Kind.ROUTING)
        given = describe_stack(cloudformation, name)
        keys = [one["ParameterKey"] for one in (given or {}).get("Parameters", ())]
        try:
            cloudformation.update_stack(
                StackName=name,
                UsePreviousTemplate=True,
                ResourceTypes=[contract.ROUTED_TYPE],
                Parameters=[{"ParameterKey": key, "UsePreviousValue": True} for key in keys],
            )
            cloudformation.get_waiter("stack_update_complete").wait(
                StackName=name, WaiterConfig={"Delay": 5, "MaxAttempts": 60}
            )
        except ClientError as error:
            return "" if "No updates are to be performed" in str(error) else str(error)
        except WaiterError as error:
            return str(error)
        return ""

    def healthy(self, target_group: str) -> int:
        """How many targets can take traffic right now."""
        return sum(state == "healthy" for state in self._states(target_group))

    def registered(self, target_group: str) -> int:
        """How many targets there are, healthy or not, without those that leave."""
        return sum(state != "draining" for state in self._states(target_group))

    def _states(self, target_group: str) -> list[str]:
        health = self.client("elbv2").describe_target_health(TargetGroupArn=target_group)
        return [one["TargetHealth"]["State"] for one in health["TargetHealthDescriptions"]]


def describe_stack(cloudformation: Any, name: str) -> dict[str, Any] | None:  # noqa: ANN401 - see Cloud
    """A stack by name, None if there is none."""
    from botocore.exceptions import ClientError

    try:
        return dict(cloudformation.describe_stacks(StackName=name)["Stacks"][0])
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def outputs_of(stack: dict[str, Any]) -> dict[str, str]:
    """A described stack's outputs."""
    return {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", ())}
