"""Reads what a synth wrote (`cdk.out`) as plain values: stacks with their templates.

The layout is the CDK's cloud assembly, which the CDK CLI itself reads:
https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Template = Mapping[str, Any]


@dataclass(frozen=True)
class Stack:
    """One synthesized stack. `stage` is empty for stacks that stand directly in the app."""

    name: str
    region: str
    stage: str
    template_file: Path
    tags: Mapping[str, str]
    dependencies: tuple[str, ...]
    termination_protection: bool

    @property
    def selector(self) -> str:
        """What names it to the CDK CLI: `acme-us-east-1-network`, `releases/...`."""
        return f"{self.stage}/{self.name}" if self.stage else self.name

    @property
    def template(self) -> Template:
        """The CloudFormation template, read from disk at each call."""
        template: Template = json.loads(self.template_file.read_text(encoding="utf-8"))
        return template

    @property
    def resources(self) -> Mapping[str, Mapping[str, Any]]:
        """Logical ids and what they declare."""
        resources: Mapping[str, Mapping[str, Any]] = self.template.get("Resources", {})
        return resources


def stacks(assembly: Path, *, stage: str = "") -> tuple[Stack, ...]:
    """All stacks below a cloud assembly, those of nested stages too, in order of deployment.

    Raises `FileNotFoundError` with a sentence if the folder holds no assembly.
    """
    manifest_file = assembly / "manifest.json"
    if not manifest_file.is_file():
        raise FileNotFoundError(f"{assembly} holds no synthesized estate: run `cdk synth` first")
    artifacts = json.loads(manifest_file.read_text(encoding="utf-8"))["artifacts"]
    found: list[Stack] = []
    for name, artifact in artifacts.items():
        properties = artifact.get("properties", {})
        if artifact["type"] == "cdk:cloud-assembly":
            inner = properties["displayName"].rpartition("/")[2]
            nested = f"{stage}/{inner}" if stage else inner
            found.extend(stacks(assembly / properties["directoryName"], stage=nested))
        elif artifact["type"] == "aws:cloudformation:stack":
            found.append(
                Stack(
                    name=properties.get("stackName", name),
                    region=artifact["environment"].rpartition("/")[2],
                    stage=stage,
                    template_file=assembly / properties["templateFile"],
                    tags=properties.get("tags", {}),
                    dependencies=tuple(
                        dependency
                        for dependency in artifact.get("dependencies", ())
                        if artifacts[dependency]["type"] == "aws:cloudformation:stack"
                    ),
                    termination_protection=properties.get("terminationProtection", False),
                )
            )
    return tuple(found)
