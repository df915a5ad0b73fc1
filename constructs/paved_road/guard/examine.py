"""All rules of ours over a synthesized estate, and the files that a reviewer reads."""

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from paved_road.guard.contracts import contracts, foreign_regions
from paved_road.guard.exposure import exposure
from paved_road.guard.finding import Finding, Subject
from paved_road.guard.limits import limits
from paved_road.guard.quotas import QUOTAS, over_quota, usage
from paved_road.guard.tagging import tagging
from paved_road_contract.assembly import stacks

PACK_REPORT = "validation-report.json"
ACKNOWLEDGMENTS, QUOTA_USAGE = "acknowledgments.csv", "quotas.json"
SHORTEST_REASON = 20


def examine(assembly: Path, quotas: Mapping[str, int] | None = None) -> list[Finding]:
    """Findings of every rule, in order. `quotas` are those that the account had raised.

    Writes beside the templates: `acknowledgments.csv` (every finding of the rule packs that was
    acknowledged, with its reason) and `quotas.json` (what each region takes of which quota).
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
    findings += _acknowledgments(assembly)
    return sorted(findings)


def _lookups(assembly: Path) -> list[Finding]:
    manifest = json.loads((assembly / "manifest.json").read_text(encoding="utf-8"))
    return [
        Finding("estate", f"context {missing['key']}", "must not be looked up: state the value")
        for missing in manifest.get("missing", ())
    ]


def _acknowledgments(assembly: Path) -> list[Finding]:
    """List what was acknowledged; a reason too short to explain anything is a finding."""
    report = assembly / PACK_REPORT
    if not report.is_file():
        return []
    rows = sorted(
        (acknowledgment, path, violation["reason"])
        for pack in json.loads(report.read_text(encoding="utf-8"))["pluginReports"]
        for violation in pack.get("suppressedViolations", ())
        for acknowledgment, path in _places(violation)
    )
    with (assembly / ACKNOWLEDGMENTS).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("rule", "construct", "reason"))
        writer.writerows(rows)
    return [
        Finding(path.split("/")[0], path, f"must give a reason for acknowledging {rule}")
        for rule, path, reason in rows
        if len(reason) < SHORTEST_REASON
    ]


def _places(violation: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (violation["acknowledgedId"], construct["constructPath"])
        for construct in violation["violatingConstructs"]
    ]
