"""All rules of ours over a synthesized estate, and the files that a reviewer reads."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from paved_road.guard.contracts import contracts, foreign_regions
from paved_road.guard.exposure import exposure
from paved_road.guard.finding import Finding, Subject
from paved_road.guard.limits import limits
from paved_road.guard.quotas import QUOTAS, over_quota, usage
from paved_road.guard.tagging import tagging
from paved_road_contract.assembly import stacks

PACK_REPORT = "validation-report.json"
ACKNOWLEDGMENTS, QUOTA_USAGE = "acknowledgments.csv", "quotas.json"
ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
"""`Validations.ACKNOWLEDGED_RULES_METADATA_KEY`, read where it was written."""

SHORTEST_REASON = 20


def examine(assembly: Path, quotas: Mapping[str, int] | None = None) -> list[Finding]:
    """Findings of every rule, in order. `quotas` are those that the account had raised.

    Writes beside the templates: `acknowledgments.csv` (every finding of the rule packs that was
    acknowledged and why) and `quotas.json` (what each region takes of which quota).
    """
    subjects = [Subject(stack) for stack in stacks(assembly)]
    together = {s.stack.name: s.stack.dependencies for s in subjects if not s.stack.stage}
    findings: list[Finding] = []
    for subject in subjects:
        findings += limits(subject)
        findings += contracts(subject, together)
        findings += foreign_regions(subject)
        findings += exposure(subject)
        findings += tagging(subject)
    used = usage(subjects, {**QUOTAS, **(quotas or {})})
    findings += over_quota(used)
    findings += _lookups(assembly)
    (assembly / QUOTA_USAGE).write_text(
        json.dumps([asdict(one) for one in used], indent=1) + "\n", encoding="utf-8"
    )
    findings += _acknowledgments(assembly, subjects)
    return sorted(findings)


def _lookups(assembly: Path) -> list[Finding]:
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    return [
        Finding("estate", f"context {missing['key']}", "must not be looked up: state the value")
        for missing in manifest.get("missing", ())
    ]


def _acknowledgments(assembly: Path, subjects: Iterable[Subject]) -> list[Finding]:
    """List what was acknowledged; a reason too short to explain anything is a finding."""
    rows = sorted({row for subject in subjects for row in _acknowledged(subject)})
    with (assembly / ACKNOWLEDGMENTS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("rule", "construct", "reason"))
        writer.writerows(rows)
    return [
        Finding(path.split("/")[0], path, f"must give a reason for acknowledging {rule}")
        for rule, path, reason in rows
        if len(reason) < SHORTEST_REASON
    ]


def _acknowledged(subject: Subject) -> Iterator[tuple[str, str, str]]:
    """Rule, construct and reason of what stands in the metadata beside a template."""
    name = subject.stack.template_file.name.replace(".template.json", ".metadata.json")
    file = subject.stack.template_file.with_name(name)
    if not file.is_file():
        return
    for path, entries in json.loads(file.read_text(encoding="utf-8")).items():
        for entry in entries:
            if entry["type"] == ACKNOWLEDGED:
                for rule, reason in entry["data"].items():
                    yield rule.removeprefix("Annotation::"), path.removeprefix("/"), reason
