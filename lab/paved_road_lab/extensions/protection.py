"""Termination protection that can be changed, and stack policies that hold.

Of a stack policy only what the delivery tool writes is understood: statements that deny every
update, of all resources or of some types. Anything narrower is stored and not enforced, as stock
moto does. AWS fails at the resource and rolls the stack back; here nothing is begun.
"""

import json
from collections.abc import Mapping
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult


def install() -> None:
    """Add the missing call, and refuse updates that a policy denies."""
    stock = CloudFormationBackend.update_stack

    def update_stack(
        self: CloudFormationBackend, name: str, template: str, *args: Any, **kwargs: Any
    ) -> Stack:
        stack = self.get_stack(name)
        if denies_all_updates(stack.policy):
            raise ValidationError(message=f"Stack policy of {name} denies this update")
        after = stack.parse_template(template)
        if held := denied_rows(stack.policy, stack.template_dict, after):
            raise ValidationError(
                message=f"Stack policy of {name} denies this update of {', '.join(held)}"
            )
        return stock(self, name, template, *args, **kwargs)

    def update_termination_protection(self: CloudFormationResponse) -> ActionResult:
        stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
        wanted = self._get_bool_param("EnableTerminationProtection", False)
        stack.enable_termination_protection = wanted
        return ActionResult({"StackId": stack.stack_id})

    CloudFormationBackend.update_stack = update_stack
    CloudFormationResponse.update_termination_protection = update_termination_protection


def denies_all_updates(policy: str) -> bool:
    """Whether a stack policy has a statement that denies every update of every resource."""
    return any("Condition" not in statement for statement in _denials(policy))


def denied_rows(policy: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Logical ids that an update would change or remove and whose type the policy denies."""
    kinds = {
        kind
        for statement in _denials(policy)
        for kind in statement.get("Condition", {}).get("StringEquals", {}).get("ResourceType", ())
    }
    rows: Mapping[str, Any] = after.get("Resources", {})
    return [
        id
        for id, row in before.get("Resources", {}).items()
        if row["Type"] in kinds and rows.get(id) != row
    ]


def _denials(policy: str) -> list[dict[str, Any]]:
    return [
        statement
        for statement in (json.loads(policy)["Statement"] if policy else ())
        if statement.get("Effect") == "Deny"
        and statement.get("Action") == "Update:*"
        and statement.get("Resource") == "*"
    ]
