"""Whom a change of an alarm reaches, and which rules nothing follows."""

from typing import Any

from paved_road_lab.functions.events import (
    KIND,
    SOURCE,
    Rule,
    alarm_changed,
    not_delivered,
    reached,
)

FUNCTION = "arn:aws:lambda:us-east-1:000012345678:function:rollback"


def rule(name: str = "ours", target: dict[str, Any] | None = None, **pattern: Any) -> Rule:
    base = {"source": [SOURCE], "detail-type": [KIND]}
    return Rule(
        name=name,
        pattern={**base, **pattern},
        targets=(target or {"Id": "one", "Arn": FUNCTION},),
    )


def event(alarm: str, state: str = "ALARM") -> dict[str, Any]:
    return alarm_changed(
        account="000012345678", region="us-east-1", alarm=alarm, state=state, before="OK", why="x"
    )


def test_a_rule_is_followed_where_its_pattern_matches() -> None:
    ours = rule(
        detail={"alarmName": [{"prefix": "a-"}, {"prefix": "b-"}], "state": {"value": ["ALARM"]}}
    )
    assert reached(event("a-1"), [ours]) == [FUNCTION]
    assert reached(event("b-1"), [ours]) == [FUNCTION]
    assert reached(event("c-1"), [ours]) == []
    assert reached(event("a-1", "OK"), [ours]) == []


def test_rules_of_another_shape_are_named_and_not_followed() -> None:
    others = [
        rule(source=["aws.ec2"]),
        rule(target={"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000012345678:queue"}),
        rule(target={"Id": "f", "Arn": FUNCTION, "InputPath": "$.detail"}),
    ]
    assert reached(event("a-1"), others) == []
    assert not_delivered([*others, rule()]) == {
        "events other than changes of alarms": 1,
        "targets other than a function that gets the event as it is": 2,
    }
