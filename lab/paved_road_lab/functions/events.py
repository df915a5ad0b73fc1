"""Changes of alarms as EventBridge tells them, and whom its rules send them to.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

import json
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.events.models import EventPattern

SOURCE, KIND = "aws.cloudwatch", "CloudWatch Alarm State Change"
TARGET_KEYS = frozenset({"Id", "Arn"})
"""Of a target that is given the event as it is."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One enabled rule of the default bus with its targets, as the API describes both."""

    name: str
    pattern: Mapping[str, Any]
    targets: tuple[Mapping[str, Any], ...]


def alarm_changed(
    *, account: str, region: str, alarm: str, state: str, before: str, why: str
) -> dict[str, Any]:
    """The event."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": KIND,
        "source": SOURCE,
        "account": account,
        "time": now,
        "region": region,
        "resources": [f"arn:aws:cloudwatch:{region}:{account}:alarm:{alarm}"],
        "detail": {
            "alarmName": alarm,
            "state": {"value": state, "reason": why, "timestamp": now},
            "previousState": {"value": before},
        },
    }


def rules(events: Any) -> Iterator[Rule]:  # noqa: ANN401 - a boto3 client
    """All that wait for events, and not for a time."""
    for one in events.list_rules()["Rules"]:
        if one.get("State") != "DISABLED" and one.get("EventPattern"):
            targets = events.list_targets_by_rule(Rule=one["Name"])["Targets"]
            pattern = json.loads(one["EventPattern"])
            yield Rule(name=one["Name"], pattern=pattern, targets=tuple(targets))


def reached(event: Mapping[str, Any], rules: Iterable[Rule]) -> list[str]:
    """ARNs of the functions that the event goes to."""
    return [
        target["Arn"]
        for rule in rules
        if not _fault(rule) and EventPattern(None, dict(rule.pattern)).matches_event(dict(event))  # type: ignore[arg-type]
        for target in rule.targets
    ]


def not_delivered(rules: Iterable[Rule]) -> Counter[str]:
    """Rules that nothing follows here, by why."""
    return Counter(fault for fault in map(_fault, rules) if fault)


def _fault(rule: Rule) -> str | None:
    if rule.pattern.get("source") != [SOURCE] or rule.pattern.get("detail-type") != [KIND]:
        return "events other than changes of alarms"
    for target in rule.targets:
        if ":function:" not in target["Arn"] or target.keys() - TARGET_KEYS:
            return "targets other than a function that gets the event as it is"
    return None
