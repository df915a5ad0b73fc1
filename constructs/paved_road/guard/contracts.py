"""Between stacks only published outputs, read weakly, in order, and in their own region."""

import re
from collections.abc import Collection, Iterator, Mapping

from paved_road.guard.finding import Finding, Subject, walk

REGION_NAME = re.compile(
    r"\b(?:af|ap|ca|eu|il|me|mx|sa|us)(?:-gov)?-"
    r"(?:central|north|northeast|northwest|east|west|south|southeast|southwest)-\d\b"
)
GENERATED_OUTPUT = re.compile(r"^(PublishOutput|ExportsOutput)")
FOREIGN_REGIONS = "ForeignRegions"
"""Template metadata in which a stack made for it (replication, mesh) names other regions."""


def contracts(subject: Subject, deployed_with: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Exports, generated or dangling references, and readers before their producers.

    `deployed_with` holds the names of the app's long-lived stacks, each with those it depends on.
    """
    for name, output in subject.template.get("Outputs", {}).items():
        if "Export" in output or GENERATED_OUTPUT.match(name):
            yield subject.finding(
                f"Outputs.{name}", "must be published by name, not exported or generated"
            )
    depends_on = deployed_with.get(subject.stack.name, ())
    own = {*subject.resources, *subject.template.get("Parameters", {})}
    for path, value in walk(subject.template):
        if not isinstance(value, Mapping):
            continue
        if "Fn::ImportValue" in value:
            yield subject.finding(path, "must read a published output, not import an export")
        if (target := referred(value)) and target not in own:
            yield subject.finding(
                path, f"must refer to something in its stack, which holds no {target}"
            )
        if reading := value.get("Fn::GetStackOutput"):
            if GENERATED_OUTPUT.match(reading["OutputName"]):
                yield subject.finding(path, "must read an output that was published by name")
            producer = reading["StackName"]
            # Stages are deployed on their own, after what they read.
            if not subject.stack.stage and producer in deployed_with and producer not in depends_on:
                yield subject.finding(
                    path, f"must be defined after {producer}, whose output it reads"
                )


def referred(value: Mapping[str, object]) -> str | None:
    """The logical id that an intrinsic refers to; pseudo parameters stand in every stack."""
    target = value.get("Ref") or value.get("Fn::GetAtt")
    if isinstance(target, list):
        target = target[0]
    if len(value) != 1 or not isinstance(target, str) or target.startswith("AWS::"):
        return None
    return target.partition(".")[0]


def foreign_regions(subject: Subject) -> Iterator[Finding]:
    """Other regions than the stack's own, unless it says that it was made for them."""
    admitted = {
        subject.stack.region,
        *subject.template.get("Metadata", {}).get(FOREIGN_REGIONS, ()),
    }
    for name in sorted(set(REGION_NAME.findall(subject.body)) - admitted):
        yield subject.finding(
            "template", f"must not name {name}: a region works with all others gone"
        )
