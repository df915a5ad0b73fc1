"""CloudFormation stacks as the delivery tool reads, protects and updates them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

NEVER_UPDATED = {
    "Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]
}
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/protect-stack-resources.html"""


@dataclass(frozen=True)
class Standing:
    """A stack that stands, in whatever state."""

    name: str
    status: str
    created: datetime
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    keeps: bool
    """Whether it is protected from deletion."""


def find_stack(cloudformation: Any, name: str) -> Standing | None:  # noqa: ANN401 - a boto3 client
    """A stack by name, None if there is none."""
    from botocore.exceptions import ClientError

    try:
        return _standing(cloudformation.describe_stacks(StackName=name)["Stacks"][0])
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def all_stacks(cloudformation: Any) -> Iterator[Standing]:  # noqa: ANN401 - a boto3 client
    """Every stack of the account and region."""
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        yield from map(_standing, page["Stacks"])


def was_deleted(cloudformation: Any, name: str, *, since: datetime) -> bool:  # noqa: ANN401
    """Whether a stack of that name was created after `since` and deleted.

    CloudFormation remembers deleted stacks for 90 days:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
    """
    pages = cloudformation.get_paginator("list_stacks")
    return any(
        stack["StackName"] == name and stack["CreationTime"] >= since
        for page in pages.paginate(StackStatusFilter=["DELETE_COMPLETE"])
        for stack in page["StackSummaries"]
    )


def template_of(cloudformation: Any, name: str) -> Mapping[str, Any]:  # noqa: ANN401
    """The template that a stack was deployed with. YAML is nothing that the CDK deploys."""
    body = cloudformation.get_template(StackName=name)["TemplateBody"]
    if isinstance(body, Mapping):
        return body
    try:
        template: Mapping[str, Any] = json.loads(body)
    except ValueError:
        return {"Template": "not JSON"}
    return template


def is_protected(cloudformation: Any, stack: Standing) -> bool:  # noqa: ANN401
    """Whether `protect` was done to it."""
    policy = cloudformation.get_stack_policy(StackName=stack.name).get("StackPolicyBody")
    return stack.keeps and bool(policy) and json.loads(policy) == NEVER_UPDATED


def protect(cloudformation: Any, name: str) -> None:  # noqa: ANN401
    """Refuse updates, and deletion by anybody who does not retire it. The CDK CLI does neither."""
    cloudformation.set_stack_policy(StackName=name, StackPolicyBody=json.dumps(NEVER_UPDATED))
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=True)


def update_with_previous_template(cloudformation: Any, name: str) -> str:  # noqa: ANN401
    """Let a stack resolve its SSM parameters anew; returns what went wrong, usually nothing.

    A fault is told and not raised, since whoever asks goes by what is live.
    """
    from botocore.exceptions import ClientError, WaiterError

    stack = find_stack(cloudformation, name)
    if stack is None:
        return f"{name} does not stand"
    try:
        cloudformation.update_stack(
            StackName=name,
            UsePreviousTemplate=True,
            Parameters=[
                {"ParameterKey": key, "UsePreviousValue": True} for key in stack.parameters
            ],
        )
        cloudformation.get_waiter("stack_update_complete").wait(
            StackName=name, WaiterConfig={"Delay": 5, "MaxAttempts": 60}
        )
    except ClientError as error:
        if "No updates are to be performed" in str(error):
            return ""
        return f"{name} was not updated: {error.response['Error']['Message']}"
    except WaiterError:
        now = find_stack(cloudformation, name)
        return f"the update of {name} ended in {now.status if now else 'its deletion'}"
    return ""


def _standing(found: Mapping[str, Any]) -> Standing:
    return Standing(
        name=found["StackName"],
        status=found["StackStatus"],
        created=found["CreationTime"],
        outputs={one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())},
        parameters={
            one["ParameterKey"]: one.get("ParameterValue", "")
            for one in found.get("Parameters", ())
        },
        keeps=found.get("EnableTerminationProtection", False),
    )
