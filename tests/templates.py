"""Synthesizes one stack's template in a test, as plain JSON."""

from collections.abc import Callable
from typing import Any

from aws_cdk import App

from paved_road.estate import EstateStack, Region
from paved_road_contract.stacks import Kind

Template = dict[str, Any]


def template(region: Region, kind: Kind, fill: Callable[[EstateStack], object]) -> Template:
    """What a stack of that kind holds once `fill` has put constructs into it."""
    app = App()
    stack = EstateStack(app, region, kind, owner="platform", description="under test")
    fill(stack)
    synthesized: Template = app.synth().get_stack_by_name(stack.stack_name).template
    return synthesized


def of_type(template: Template, kind: str) -> dict[str, Any]:
    """Properties by logical id of all resources of a type, such as `AWS::EC2::Subnet`."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def only_adds(before: object, after: object) -> bool:
    """Whether everything in `before` stands unchanged in `after`; lists may grow at their end."""
    if isinstance(before, dict) and isinstance(after, dict):
        return all(key in after and only_adds(value, after[key]) for key, value in before.items())
    if isinstance(before, list) and isinstance(after, list):
        return len(before) <= len(after) and all(map(only_adds, before, after))
    return before == after
