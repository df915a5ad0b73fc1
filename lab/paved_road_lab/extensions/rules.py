"""Listener rules: sorted by priority, weights as numbers that AWS would take, places that change.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
"""

from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.elbv2.exceptions import (
    DuplicatePriorityError,
    PriorityInUseError,
    RuleNotFoundError,
)
from moto.elbv2.models import ELBv2Backend, FakeListenerRule, elbv2_backends

from paved_road_delivery.contract import MOST_WEIGHT


def install() -> None:
    """Sort what is described, check what is created or modified, and let updates move rules."""
    stock_update = FakeListenerRule.update_from_cloudformation_json
    stock_create = ELBv2Backend.create_rule
    stock_describe = ELBv2Backend.describe_rules
    stock_convert = ELBv2Backend.convert_and_validate_action_properties
    stock_modify = ELBv2Backend.modify_rule

    def describe(self: ELBv2Backend, *args: Any, **kwargs: Any) -> list[Any]:
        return sorted(stock_describe(self, *args, **kwargs), key=_priority)

    def create(
        self: ELBv2Backend, listener_arn: str, conditions: Any, priority: Any, *args: Any, **kw: Any
    ) -> Any:
        return stock_create(self, listener_arn, conditions, int(priority), *args, **kw)

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

    def update(cloudformation_json: Any, account_id: str, region_name: str, **given: Any) -> Any:
        made = stock_update(
            cloudformation_json=cloudformation_json,
            account_id=account_id,
            region_name=region_name,
            **given,
        )
        wanted = int(cloudformation_json["Properties"]["Priority"])
        if _priority(made) != wanted:
            place = [{"RuleArn": made.arn, "Priority": wanted}]
            elbv2_backends[account_id][region_name].set_rule_priorities(place)
        return made

    FakeListenerRule.update_from_cloudformation_json = staticmethod(update)
    ELBv2Backend.set_rule_priorities = _set_priorities
    ELBv2Backend.create_rule = create
    ELBv2Backend.describe_rules = describe
    ELBv2Backend.convert_and_validate_action_properties = convert
    ELBv2Backend.modify_rule = modify


def _priority(rule: Any) -> float:
    return float("inf") if rule.priority == "default" else int(rule.priority)


def _set_priorities(self: ELBv2Backend, rule_priorities: list[dict[str, Any]]) -> list[Any]:
    """All at once; stock moto takes two rules of one priority where one is text."""
    wanted = {one["RuleArn"]: int(one["Priority"]) for one in rule_priorities}
    balancers = list(self.load_balancers.values())
    listeners = [one for each in balancers for one in list(each.listeners.values())]
    found = {arn: one for one in listeners for arn in wanted if arn in one.rules}
    if missing := wanted.keys() - found.keys():
        raise RuleNotFoundError(f"One or more rules not found: {sorted(missing)}")
    if len(set(wanted.values())) < len(wanted):
        raise DuplicatePriorityError(", ".join(map(str, wanted.values())))
    for arn, listener in found.items():
        others = (rule for rule in listener.rules.values() if rule.arn not in wanted)
        if any(_priority(rule) == wanted[arn] for rule in others):
            raise PriorityInUseError
    for arn, listener in found.items():
        listener.rules[arn].priority = wanted[arn]
    return [listener.rules[arn] for arn, listener in found.items()]


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
