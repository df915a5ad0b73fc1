"""Listener rules: sorted by priority, weights as numbers that AWS would take.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
"""

from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.elbv2.models import ELBv2Backend

from paved_road_delivery.contract import MOST_WEIGHT


def install() -> None:
    """Sort what is described and check what is created or modified."""
    stock_describe = ELBv2Backend.describe_rules
    stock_convert = ELBv2Backend.convert_and_validate_action_properties
    stock_modify = ELBv2Backend.modify_rule

    def describe(self: ELBv2Backend, *args: Any, **kwargs: Any) -> list[Any]:
        return sorted(stock_describe(self, *args, **kwargs), key=_priority)

    def convert(self: ELBv2Backend, properties: dict[str, Any]) -> Any:
        for action in properties.get("Actions", ()):
            _check(action)
        return stock_convert(self, properties)

    def modify(self: ELBv2Backend, rule_arn: str, conditions: Any, actions: Any) -> Any:
        if rule_arn and any(
            rule.arn == rule_arn and rule.priority == "default"
            for balancer in self.load_balancers.values()
            for listener in balancer.listeners.values()
            for rule in listener.rules.values()
        ):
            raise ValidationError(message="Default rules cannot be modified; modify the listener")
        for action in actions or ():
            _check(getattr(action, "data", action))
        return stock_modify(self, rule_arn, conditions, actions)

    ELBv2Backend.describe_rules = describe
    ELBv2Backend.convert_and_validate_action_properties = convert
    ELBv2Backend.modify_rule = modify


def _priority(rule: Any) -> float:
    return float("inf") if rule.priority == "default" else int(rule.priority)


def _check(action: dict[str, Any]) -> None:
    """Weights are integers from 0, each target group stands once."""
    tuples = (action.get("ForwardConfig") or {}).get("TargetGroups", [])
    arns = [one["TargetGroupArn"] for one in tuples]
    if len(set(arns)) != len(arns):
        raise ValidationError(message="A target group can only be specified once")
    for one in tuples:
        one["Weight"] = int(one.get("Weight", 1))
        if not 0 <= one["Weight"] <= MOST_WEIGHT:
            raise ValidationError(
                message=f"Weight must be between 0 and {MOST_WEIGHT}, got {one['Weight']}"
            )
