"""A stack as the emulator says it stands, beside the template that it was deployed from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from paved_road_contract.assembly import Stack
from paved_road_contract.stacks import Kind
from paved_road_contract.tags import COMPONENT

Clients = Callable[[str, str], Any]
"""A boto3 client by service and region."""


@dataclass(frozen=True)
class Deployed:
    """One stack of the assembly, found live."""

    stack: Stack
    clients: Clients

    @property
    def kind(self) -> Kind:
        """What the stack is."""
        return Kind(self.stack.tags[COMPONENT])

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A client in the stack's region."""
        return self.clients(service, self.stack.region)

    @cached_property
    def outputs(self) -> dict[str, str]:
        """What it publishes, live."""
        found = self.client("cloudformation").describe_stacks(StackName=self.stack.name)
        return {
            one["OutputKey"]: one["OutputValue"] for one in found["Stacks"][0].get("Outputs", ())
        }

    @cached_property
    def physical_ids(self) -> dict[str, str]:
        """Physical ids by logical id, live. The emulator lists what it skipped without either."""
        found = self.client("cloudformation").describe_stack_resources(StackName=self.stack.name)
        return {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for one in found["StackResources"]
            if "PhysicalResourceId" in one
        }

    def of_type(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Physical id and declared properties of each resource of a type."""
        for logical_id, resource in self.stack.resources.items():
            if resource["Type"] == kind:
                yield self.physical_ids[logical_id], dict(resource.get("Properties", {}))
