"""Termination protection that can be changed, and stack policies that hold.

Of a stack policy only what the delivery tool writes is understood: a document whose statements
deny every update. Anything narrower is stored and not enforced, as stock moto does.
"""

import json
from typing import Any

from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult


def install() -> None:
    """Add the missing call, and refuse updates that a policy denies."""
    stock = CloudFormationBackend.update_stack

    def update_stack(self: CloudFormationBackend, name: str, *args: Any, **kwargs: Any) -> Stack:
        if denies_all_updates(self.get_stack(name).policy):
            raise ValidationError(message=f"Stack policy of {name} denies this update")
        return stock(self, name, *args, **kwargs)

    def update_termination_protection(self: CloudFormationResponse) -> ActionResult:
        stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
        wanted = self._get_bool_param("EnableTerminationProtection", False)
        stack.enable_termination_protection = wanted
        return ActionResult({"StackId": stack.stack_id})

    CloudFormationBackend.update_stack = update_stack
    CloudFormationResponse.update_termination_protection = update_termination_protection


def denies_all_updates(policy: str) -> bool:
    """Whether a stack policy has a statement that denies every update of every resource."""
    if not policy:
        return False
    return any(
        statement.get("Effect") == "Deny"
        and statement.get("Action") == "Update:*"
        and statement.get("Resource") == "*"
        for statement in json.loads(policy)["Statement"]
    )
