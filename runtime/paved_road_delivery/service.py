"""A service as it stands in one region: its listeners, its lanes, and how they are moved."""

from dataclasses import dataclass
from typing import Any

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery import contract
from paved_road_delivery.cloud import Cloud, DeliveryError
from paved_road_delivery.contract import ServiceOutput


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
            raise DeliveryError(
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

    def idle(self) -> set[str]:
        """Target groups that stand in lanes without a release."""
        outputs = self.outputs()
        return {outputs[f"{ServiceOutput.IDLE_TARGET_GROUP}{lane}"] for lane in contract.LANES}

    def live_rule(self) -> dict[str, Any]:
        """The rule that callers' requests follow."""
        rules = self.client("elbv2").describe_rules(
            ListenerArn=self.outputs()[ServiceOutput.LISTENER]
        )["Rules"]
        for rule in rules:
            if rule["Priority"] == str(contract.LIVE_PRIORITY):
                return dict(rule)
        raise DeliveryError(
            f"service {self.name} has no live rule in {self.region}: deploy its routing stack first"
        )

    def move(self, lanes: list[Lane]) -> None:
        """Move traffic: the parameters, the rule, then the stack, and read the rule back.

        The rule is what moves traffic; parameters come first so that a stack update from
        elsewhere at the same moment cannot move it back.
        """
        ssm = self.client("ssm")
        for number, lane in zip(contract.LANES, lanes, strict=True):
            for name, value in (
                (contract.target_group_parameter, lane.target_group),
                (contract.weight_parameter, str(lane.weight)),
            ):
                ssm.put_parameter(
                    Name=name(self.estate, self.name, number), Value=value, Overwrite=True
                )
        tuples = [{"TargetGroupArn": lane.target_group, "Weight": lane.weight} for lane in lanes]
        elb = self.client("elbv2")
        elb.modify_rule(
            RuleArn=self.live_rule()["RuleArn"],
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": tuples}}],
        )
        self._update_routing()
        found = {
            one["TargetGroupArn"]: one["Weight"]
            for one in self.live_rule()["Actions"][0]["ForwardConfig"]["TargetGroups"]
        }
        wanted = {lane.target_group: lane.weight for lane in lanes}
        if found != wanted:
            raise DeliveryError(
                f"the live rule of {self.name} in {self.region} says {found}, not {wanted}: "
                "something else moves traffic at the same time"
            )

    def _update_routing(self) -> None:
        """Let the stack resolve its parameters anew, so that it says what the rule says."""
        cloudformation = self.client("cloudformation")
        name = self.stack(Kind.ROUTING)
        given = describe_stack(cloudformation, name)
        keys = [one["ParameterKey"] for one in (given or {}).get("Parameters", ())]
        cloudformation.update_stack(
            StackName=name,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": key, "UsePreviousValue": True} for key in keys],
            Capabilities=["CAPABILITY_IAM"],
        )
        cloudformation.get_waiter("stack_update_complete").wait(
            StackName=name, WaiterConfig={"Delay": 5, "MaxAttempts": 60}
        )

    def healthy(self, target_group: str) -> int:
        """How many targets can take traffic right now."""
        health = self.client("elbv2").describe_target_health(TargetGroupArn=target_group)
        return sum(
            one["TargetHealth"]["State"] == "healthy" for one in health["TargetHealthDescriptions"]
        )


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
