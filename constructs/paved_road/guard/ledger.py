"""What may never change by accident: stateful and published resources, and published values.

`python -m paved_road.guard.ledger cdk.out` prints the ledger of a synth, to be checked in, and with
that file as second argument compares a later synth with it. That synth may add; a change or removal
is a fault, because CloudFormation would replace the resource, or because consumers keep a published
value until their next update.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from paved_road.guard.contracts import referred
from paved_road.guard.finding import Finding, Subject, walk
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
each one's instances hold the data. What an output refers to counts as well, whatever its type."""

REPLACED_BY: Mapping[str, tuple[str, ...]] = {
    "AWS::DynamoDB::Table": ("KeySchema", "TableName"),
    "AWS::EC2::SecurityGroup": ("GroupDescription", "GroupName", "VpcId"),
    "AWS::EC2::Subnet": ("AvailabilityZone", "CidrBlock", "VpcId"),
    "AWS::EC2::VPC": ("CidrBlock",),
    "AWS::ElasticLoadBalancingV2::Listener": ("LoadBalancerArn",),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("Name", "Scheme", "Type"),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Name", "Port", "Protocol", "TargetType", "VpcId"),
    "AWS::IAM::InstanceProfile": ("InstanceProfileName",),
    "AWS::IAM::Role": ("RoleName",),
    "AWS::Logs::LogGroup": ("LogGroupName",),
    "AWS::S3::Bucket": ("BucketName",),
    "AWS::SSM::Parameter": ("Name",),
    "AWS::SecretsManager::Secret": ("Name",),
}
"""Properties for whose change CloudFormation replaces the resource. "Update requires: Replacement"
on each type's page of
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"""

Ledger = Mapping[str, Mapping[str, Mapping[str, Any]]]


def ledger(subjects: Iterable[Subject]) -> Ledger:
    """By stack: stateful and published resources by logical id, and outputs' values.

    Releases are left out: they are never updated at all.
    """
    return {
        subject.stack.name: {
            "stateful": dict(_stateful(subject)),
            "published": {
                name: output["Value"]
                for name, output in sorted(subject.template.get("Outputs", {}).items())
            },
        }
        for subject in sorted(subjects, key=lambda subject: subject.stack.name)
        if not subject.stack.stage
    }


def _stateful(subject: Subject) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each resource is and what must not change: None where that is left to CloudFormation.

    `Resource` holds the type, since some types have a property `Type`.
    """
    is_ring = subject.stack.tags.get(COMPONENT) == Kind.RING
    kinds = STATEFUL if is_ring else STATEFUL - {"AWS::AutoScaling::AutoScalingGroup"}
    outputs = (value for _, value in walk(subject.template.get("Outputs", {})))
    published = {referred(value) for value in outputs if isinstance(value, Mapping)}
    for name, resource in sorted(subject.resources.items()):
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind in kinds or name in published:
            yield (
                name,
                {
                    "Resource": kind,
                    **{one: properties.get(one) for one in REPLACED_BY.get(kind, ())},
                },
            )


def compare(recorded: Ledger, observed: Ledger) -> Iterator[Finding]:
    """Entries of the record that are gone or different. Additions are fine."""
    for stack, sections in recorded.items():
        if stack not in observed:
            yield Finding(stack, "stack", "must not disappear from the estate while it is recorded")
            continue
        for section, entries in sections.items():
            now = observed[stack].get(section, {})
            for name, value in entries.items():
                where = f"{section} {name}"
                if name not in now:
                    yield Finding(stack, where, "must not be removed or renamed")
                elif section == "stateful":
                    yield from (Finding(stack, where, rule) for rule in _replaced(value, now[name]))
                elif now[name] != value:
                    yield Finding(
                        stack, where, f"must not change from {value!r}, got {now[name]!r}"
                    )


def _replaced(recorded: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name, value in recorded.items():
        if now.get(name) != value:
            yield (
                f"must not change {name} from {value!r} to {now.get(name)!r}, for which "
                "CloudFormation replaces the resource"
            )


def written(found: Ledger) -> str:
    """As JSON with a line for each resource and output, so that a review sees which changed."""
    return f"{_block(found, levels=3)}\n"


def _block(value: Mapping[str, Any], levels: int, indent: str = "") -> str:
    if not levels or not value:
        return json.dumps(value)
    rows = (
        f"{indent} {json.dumps(name)}: {_block(inner, levels - 1, f'{indent} ')}"
        for name, inner in value.items()
    )
    return "{\n" + ",\n".join(rows) + f"\n{indent}}}"


def main(assembly: str, record: str | None = None) -> None:
    """Print the ledger of a synth, or end the program with how it differs from a record."""
    observed = ledger(Subject(stack) for stack in stacks(Path(assembly)))
    if record is None:
        sys.stdout.write(written(observed))
        return
    recorded = json.loads(Path(record).read_text(encoding="utf-8"))
    if findings := [str(finding) for finding in compare(recorded, observed)]:
        raise SystemExit("\n  - ".join([f"{record} refuses {assembly}:", *findings]))


if __name__ == "__main__":
    main(*sys.argv[1:])
