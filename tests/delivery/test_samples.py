"""What the judge is given, from a CloudWatch that answers from a table."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from paved_road_delivery.contract import baseline_name
from paved_road_delivery.ladder.seen import Judged
from paved_road_judge import judge
from paved_road_judge.samples import Subject, sides
from paved_road_judge.walks import born
from tests.delivery.walks import BASE, NEW, NOON, OLD, at, walk

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/{}/0123"
CREATED = NOON - timedelta(minutes=30)


@dataclass
class Table:
    """A CloudWatch client that knows values by target group, metric and statistic, every minute."""

    values: dict[tuple[str, str, str], float]
    asked: list[dict[str, Any]] = field(default_factory=list)

    def get_paginator(self, name: str) -> "Table":
        assert name == "get_metric_data"
        return self

    def paginate(self, **given: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(given)
        minutes = (given["EndTime"] - given["StartTime"]) // timedelta(minutes=1)
        times = [given["StartTime"] + timedelta(minutes=n) for n in range(minutes)]
        for query in given["MetricDataQueries"]:
            stat = query["MetricStat"]
            group = stat["Metric"]["Dimensions"][1]["Value"].split("/")[1]
            value = self.values.get((group, stat["Metric"]["MetricName"], stat["Stat"]))
            known = times if value is not None else []
            result = {"Id": query["Id"], "Timestamps": known, "Values": [value] * len(known)}
            yield {"MetricDataResults": [result]}


def subject(name: str) -> Subject:
    return Subject(name=name, target_group_arn=ARN.format(name), instances=6, created=CREATED)


def measured(errors: float) -> Table:
    values: dict[tuple[str, str, str], float] = {
        ("new", "HTTPCode_Target_5XX_Count", "Sum"): errors
    }
    for name in ("new", "base"):
        values[name, "RequestCount", "Sum"] = 600
        values[name, "TargetResponseTime", "p99"] = 0.08
        values[name, "TargetResponseTime", "p50"] = 0.02
    return Table(values)


def both(table: Table, minutes: float) -> list[Any]:
    now = NOON + timedelta(minutes=minutes)
    return sides(table, "app/x/1", [subject("new"), subject("base")], NOON, now)


def test_whole_minutes_that_are_shown_are_sampled_and_no_others() -> None:
    table = measured(6)
    canary, baseline = both(table, 14.5)
    assert canary.requests == baseline.requests == [600] * 12
    assert canary.values["error percent"] == [1.0] * 12
    assert baseline.values["error percent"] == [0.0] * 12
    assert canary.values["p99 ms"] == [80.0] * 12
    assert canary.age_minutes == 44.5
    assert table.asked[0]["StartTime"] == NOON


def test_connections_that_a_dead_target_refuses_are_errors() -> None:
    table = measured(0)
    table.values["new", "TargetConnectionErrorCount", "Sum"] = 60
    assert both(table, 14)[0].values["error percent"] == [10.0] * 12


def test_a_rung_that_was_just_reached_has_no_samples() -> None:
    table = measured(6)
    canary, baseline = both(table, 1)
    assert canary.requests == []
    assert table.asked == []
    assert judge(canary, baseline).judged is Judged.INCONCLUSIVE


def test_samples_start_after_the_rung_was_reached() -> None:
    since, now = NOON + timedelta(seconds=1), NOON + timedelta(minutes=5)
    table = measured(6)
    sides(table, "app/x/1", [subject("new"), subject("base")], since, now)
    assert table.asked[0]["StartTime"] == NOON + timedelta(minutes=1)


def test_what_is_measured_is_judged() -> None:
    assert judge(*both(measured(12), 20)).judged is Judged.FAIL
    assert judge(*both(measured(0), 20)).judged is Judged.PASS


def test_who_gets_no_requests_is_not_judged() -> None:
    table = measured(0)
    del table.values["new", "RequestCount", "Sum"]
    canary, baseline = both(table, 20)
    assert canary.values["error percent"] == [None] * 18
    assert judge(canary, baseline).judged is Judged.INCONCLUSIVE


@pytest.mark.parametrize(
    ("name", "begun", "beside", "from_when"),
    [
        (NEW, NOON, baseline_name(OLD), NOON),
        (NEW, None, baseline_name(OLD), CREATED),
        (NEW, NOON, BASE, CREATED),
        (NEW, NOON, OLD, CREATED),
        (NEW, CREATED - timedelta(1), baseline_name(OLD), CREATED),
        (baseline_name(OLD), NOON, baseline_name(OLD), CREATED),
    ],
)
def test_beside_a_baseline_of_its_walk_a_candidate_is_as_old_as_that(
    name: str, begun: datetime | None, beside: str, from_when: datetime
) -> None:
    """Not one that had users before, and not beside a release that a person made."""
    one = at(5, walk=walk(reached=5, begun=begun, baseline=baseline_name(OLD)))
    assert born(one, name, CREATED, beside) == from_when
