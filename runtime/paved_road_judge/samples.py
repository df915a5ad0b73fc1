"""What load balancers measured of two releases, minute by minute, from CloudWatch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from paved_road_judge.metrics import Side

NAMESPACE = "AWS/ApplicationELB"
EPOCH = datetime.fromtimestamp(0, UTC)
MINUTE = timedelta(minutes=1)

SHOWN_AFTER = 2
"""Minutes younger than so many may be incomplete: load balancers report at a minute's end."""

SERIES = {
    "requests": ("RequestCount", "Sum"),
    "errors": ("HTTPCode_Target_5XX_Count", "Sum"),
    "refused": ("TargetConnectionErrorCount", "Sum"),
    "p99": ("TargetResponseTime", "p99"),
    "p50": ("TargetResponseTime", "p50"),
}
"""By target group. What the load balancer answers for a target that hangs (504) is counted for the
balancer alone; connections that a dead one refuses are counted here.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A release as the load balancer knows it. `instances` are those registered."""

    name: str
    target_group_arn: str
    instances: int
    created: datetime


def sides(
    cloudwatch: Any,  # noqa: ANN401 - boto3 makes its clients at run time
    load_balancer: str,
    subjects: Sequence[Subject],
    since: datetime,
    now: datetime,
    minute: timedelta = MINUTE,
) -> list[Side]:
    """Samples of each subject over the whole minutes from `since` that are shown by `now`.

    `minute` is how often load balancers report, in whole seconds: 60 on AWS, less where one can
    watch it.
    """
    start = since - (since - EPOCH) % minute
    start += minute if start < since else timedelta(0)
    shown = now - SHOWN_AFTER * minute
    end = shown - (shown - EPOCH) % minute
    minutes = [start + n * minute for n in range(max(0, (end - start) // minute))]
    if not minutes:
        return [_side(one, {}, [], now) for one in subjects]
    queries = [
        _query(f"{series}{place}", load_balancer, subject, minute, *SERIES[series])
        for place, subject in enumerate(subjects)
        for series in SERIES
    ]
    found: dict[str, dict[datetime, float]] = {one["Id"]: {} for one in queries}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=queries, StartTime=start, EndTime=end
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            values = zip(result["Timestamps"], result["Values"], strict=True)
            found[result["Id"]].update(values)
    return [
        _side(one, {series: found[f"{series}{place}"] for series in SERIES}, minutes, now)
        for place, one in enumerate(subjects)
    ]


def _query(
    id: str, load_balancer: str, subject: Subject, minute: timedelta, metric: str, statistic: str
) -> dict[str, Any]:
    dimensions = {
        "LoadBalancer": load_balancer,
        "TargetGroup": subject.target_group_arn.rpartition(":")[2],
    }
    return {
        "Id": id,
        "MetricStat": {
            "Metric": {
                "Namespace": NAMESPACE,
                "MetricName": metric,
                "Dimensions": [{"Name": key, "Value": one} for key, one in dimensions.items()],
            },
            "Period": minute // timedelta(seconds=1),
            "Stat": statistic,
        },
    }


def _side(
    subject: Subject,
    found: Mapping[str, Mapping[datetime, float]],
    minutes: Sequence[datetime],
    now: datetime,
) -> Side:
    """Counts that are missing are none; a latency that is missing was not measured."""

    def count(series: str, minute: datetime) -> float:
        return found[series].get(minute, 0)

    requests = [int(count("requests", minute)) for minute in minutes]
    failed = [count("errors", minute) + count("refused", minute) for minute in minutes]
    return Side(
        name=subject.name,
        instances=subject.instances,
        age_minutes=(now - subject.created) / MINUTE,
        requests=requests,
        values={
            "error percent": [
                100 * bad / served if served else None
                for bad, served in zip(failed, requests, strict=True)
            ],
            "p99 ms": [_ms(found["p99"].get(minute)) for minute in minutes],
            "p50 ms": [_ms(found["p50"].get(minute)) for minute in minutes],
        },
    )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else 1000 * seconds
