"""What may never change by accident: stateful resources' ids, and values that others hold.

`python -m paved_road.guard.ledger cdk.out` prints the ledger of a synth, to be checked in. A
later synth may add to it; a change or removal is a fault, because CloudFormation would replace
the resource, or because consumers keep a published value until their next update.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from paved_road.guard.finding import Finding, Subject
from paved_road_contract.assembly import stacks
from paved_road_contract.stacks import Kind
from paved_road_contract.tags import COMPONENT

STATEFUL = frozenset(
    {
        "AWS::AutoScaling::AutoScalingGroup",
        "AWS::DynamoDB::Table",
        "AWS::EC2::Subnet",
        "AWS::EC2::VPC",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
    }
)
"""Replacing one loses data, addresses or where traffic goes. Groups count in rings only: there
each one's instances hold the data."""

Ledger = Mapping[str, Mapping[str, Mapping[str, Any]]]


def ledger(subjects: Iterable[Subject]) -> Ledger:
    """By stack: logical ids of stateful resources with their types, and outputs' values."""
    return {
        subject.stack.name: {
            "stateful": {
                name: resource["Type"]
                for name, resource in sorted(subject.resources.items())
                if resource["Type"] in STATEFUL
                and (
                    resource["Type"] != "AWS::AutoScaling::AutoScalingGroup"
                    or subject.stack.tags.get(COMPONENT) == Kind.RING
                )
            },
            "published": {
                name: output["Value"]
                for name, output in sorted(subject.template.get("Outputs", {}).items())
            },
        }
        for subject in sorted(subjects, key=lambda subject: subject.stack.name)
        if not subject.stack.stage
    }


def compare(recorded: Ledger, observed: Ledger) -> Iterator[Finding]:
    """Entries of the record that are gone or different. Additions are fine."""
    for stack, sections in recorded.items():
        if stack not in observed:
            yield Finding(stack, "stack", "must not disappear from the estate while it is recorded")
            continue
        for section, entries in sections.items():
            now = observed[stack].get(section, {})
            for name, value in entries.items():
                if name not in now:
                    yield Finding(stack, f"{section} {name}", "must not be removed or renamed")
                elif now[name] != value:
                    yield Finding(
                        stack,
                        f"{section} {name}",
                        f"must not change from {value!r}, got {now[name]!r}",
                    )


if __name__ == "__main__":
    found = ledger(Subject(stack) for stack in stacks(Path(sys.argv[1])))
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
