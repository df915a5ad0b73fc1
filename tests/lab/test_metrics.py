"""CloudWatch in the lab: percentiles, metric maths, and alarms of templates."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paved_road_lab.cloud import LabCloud

pytestmark = pytest.mark.slow

REGION, SPACE = "us-east-1", "PavedRoad/Test"
NOON = datetime.now(UTC).replace(microsecond=0, second=0) - timedelta(minutes=5)


@pytest.fixture
def cloudwatch(cloud: LabCloud) -> Any:
    return cloud.client("cloudwatch", REGION)


def put(cloudwatch: Any, name: str, second: int = 0, **given: Any) -> None:
    when = NOON + timedelta(seconds=second)
    cloudwatch.put_metric_data(
        Namespace=SPACE, MetricData=[{"MetricName": name, "Timestamp": when, **given}]
    )


def query(id: str, name: str, stat: str, period: int = 60) -> dict[str, Any]:
    metric = {"Namespace": SPACE, "MetricName": name}
    return {"Id": id, "MetricStat": {"Metric": metric, "Stat": stat, "Period": period}}


def answers(cloudwatch: Any, *queries: dict[str, Any]) -> dict[str, list[float]]:
    found = cloudwatch.get_metric_data(
        MetricDataQueries=list(queries),
        StartTime=NOON,
        EndTime=NOON + timedelta(minutes=2),
        ScanBy="TimestampAscending",
    )
    return {one["Id"]: one["Values"] for one in found["MetricDataResults"]}


def test_percentiles_are_of_all_values_that_were_counted(cloudwatch: Any) -> None:
    put(cloudwatch, "Time", Values=[0.1, 0.5, 2], Counts=[98, 1, 1])
    put(cloudwatch, "Time", 61, Values=[0.3], Counts=[10])
    found = answers(
        cloudwatch, query("a", "Time", "p99"), query("b", "Time", "p50"), query("c", "Time", "Sum")
    )
    assert found == {"a": [0.5, 0.3], "b": [0.1, 0.3], "c": [pytest.approx(12.3), 3]}


def test_seconds_are_periods_too(cloudwatch: Any) -> None:
    for second in (0, 0, 3):
        put(cloudwatch, "Count", second, Value=1)
    assert answers(cloudwatch, query("a", "Count", "Sum", 1))["a"] == [2, 1]
    assert answers(cloudwatch, query("a", "Count", "Sum", 60))["a"] == [3]


def test_expressions_are_computed(cloudwatch: Any) -> None:
    put(cloudwatch, "All", Value=200)
    put(cloudwatch, "Bad", Value=3)
    terms = [query("all", "All", "Sum"), query("bad", "Bad", "Sum"), query("no", "No", "Sum")]
    hidden = [{**one, "ReturnData": False} for one in terms]
    percent = {"Id": "e", "Expression": "100 * (FILL(bad, 0) + FILL(no, 0)) / all"}
    assert answers(cloudwatch, *hidden, percent) == {"e": [1.5]}
    with pytest.raises(ClientError, match="RATE"):
        answers(cloudwatch, *hidden, {"Id": "e", "Expression": "RATE(bad)"})


def test_statistics_and_names_are_answered_too(cloudwatch: Any) -> None:
    put(cloudwatch, "Seen", Value=4)
    put(
        cloudwatch, "Seen", StatisticValues={"SampleCount": 2, "Sum": 6, "Minimum": 1, "Maximum": 5}
    )
    (point,) = cloudwatch.get_metric_statistics(
        Namespace=SPACE,
        MetricName="Seen",
        StartTime=NOON,
        EndTime=NOON + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum", "Maximum", "SampleCount"],
    )["Datapoints"]
    assert (point["Sum"], point["Maximum"], point["SampleCount"]) == (10, 5, 3)
    names = cloudwatch.list_metrics(Namespace=SPACE)["Metrics"]
    assert "Seen" in {one["MetricName"] for one in names}


def alarm(bound: float) -> dict[str, Any]:
    metric = {"Namespace": SPACE, "MetricName": "Seen"}
    stat = {"Metric": metric, "Stat": "Sum", "Period": 60}
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 2,
            "Threshold": bound,
            "TreatMissingData": "notBreaching",
            "Metrics": [
                {"Id": "m", "MetricStat": stat, "ReturnData": False},
                {"Id": "e", "Expression": "2 * m", "ReturnData": True},
            ],
        },
    }


def test_alarms_of_templates_stand_begin_without_data_and_keep_their_state(
    cloud: LabCloud, cloudwatch: Any, create: Any
) -> None:
    stack = create({"Resources": {"High": alarm(5), "Higher": alarm(9)}})
    first, second = _alarms(cloudwatch, f"{stack}-")
    assert first["AlarmName"].startswith(f"{stack}-High-")
    assert first["StateValue"] == second["StateValue"] == "INSUFFICIENT_DATA"
    assert [one["Id"] for one in first["Metrics"]] == ["m", "e"]
    cloudwatch.set_alarm_state(
        AlarmName=first["AlarmName"], StateValue="ALARM", StateReason="a test"
    )
    assert [one["AlarmName"] for one in _alarms(cloudwatch, f"{stack}-", StateValue="ALARM")] == [
        first["AlarmName"]
    ]
    cloudformation = cloud.client("cloudformation", REGION)
    cloudformation.update_stack(StackName=stack, TemplateBody=_json({"High": alarm(7)}))
    (left,) = _alarms(cloudwatch, f"{stack}-")
    assert (left["StateValue"], left["Threshold"]) == ("ALARM", 7)
    cloudformation.delete_stack(StackName=stack)
    assert _alarms(cloudwatch, f"{stack}-") == []


def _json(resources: dict[str, Any]) -> str:
    return json.dumps({"Resources": resources})


def _alarms(cloudwatch: Any, prefix: str, **given: str) -> list[dict[str, Any]]:
    found = cloudwatch.describe_alarms(AlarmNamePrefix=prefix, **given)["MetricAlarms"]
    return sorted(found, key=lambda one: str(one["AlarmName"]))
