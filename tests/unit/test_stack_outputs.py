"""Outputs of stacks are read while others are made: each deploy has a thread of its own."""

from collections import OrderedDict
from dataclasses import dataclass, field

import pytest

from paved_road_lab.extensions import stack_outputs

WHERE = {"AWS::AccountId": "123456789012", "AWS::Region": "us-east-1"}


@dataclass
class Backend:
    stacks: OrderedDict[str, "Stack"] = field(default_factory=OrderedDict)


@dataclass
class Stack:
    """One that is looked at just when another one is made."""

    title: str
    backend: Backend

    @property
    def name(self) -> str:
        self.backend.stacks.setdefault(f"{self.title}-beside", Stack("beside", self.backend))
        return self.title

    @property
    def outputs(self) -> list[dict[str, str]]:
        return [{"OutputKey": "Arn", "OutputValue": f"arn of {self.title}"}]


def test_an_output_is_read_while_another_stack_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Backend()
    backend.stacks |= {name: Stack(name, backend) for name in ("one", "two", "three")}
    backends = {WHERE["AWS::AccountId"]: {WHERE["AWS::Region"]: backend}}
    monkeypatch.setattr(stack_outputs, "cloudformation_backends", backends)
    reading = {"StackName": "three", "OutputName": "Arn"}
    assert stack_outputs._output(WHERE, reading) == "arn of three"
