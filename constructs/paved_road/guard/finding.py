"""What a rule says about a synthesized stack."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from paved_road_contract.assembly import Stack


@dataclass(frozen=True, order=True)
class Finding:
    """One fault: where it is, which rule it breaks and what was found there."""

    stack: str
    where: str
    rule: str

    def __str__(self) -> str:
        return f"{self.stack}: {self.where}: {self.rule}"


@dataclass(frozen=True)
class Subject:
    """A stack under examination, its template read once."""

    stack: Stack

    @cached_property
    def template(self) -> Mapping[str, Any]:
        """What CloudFormation would get."""
        return self.stack.template

    @cached_property
    def body(self) -> str:
        """The template as it stands on disk, which is what CloudFormation's limit is about."""
        return self.stack.template_file.read_text(encoding="utf-8")

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Logical ids and what they declare."""
        resources: Mapping[str, Mapping[str, Any]] = self.template.get("Resources", {})
        return resources

    def finding(self, where: str, rule: str) -> Finding:
        """A fault in this stack."""
        return Finding(self.stack.name, where, rule)


def walk(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value below `value`, with a path such as `Role.Properties.Policies.0`."""
    yield path, value
    items: Iterator[tuple[object, object]]
    if isinstance(value, Mapping):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    else:
        return
    for key, inner in items:
        yield from walk(inner, f"{path}.{key}" if path else str(key))
