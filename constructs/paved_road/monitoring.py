"""Alarms and a dashboard from watches: what is measured, its bound, and what passing it means."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from constructs import Construct

from paved_road.estate import declare
from paved_road.estate.references import logical_id, path_in_stack
from paved_road.guard import acknowledge


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One series, by the minute. `statistic` may be a percentile such as `p99`."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str


@dataclass(frozen=True, kw_only=True)
class Watch:
    """Alarms when `metric` is over `bound` for `minutes` minutes in a row.

    With `percent_of`, the bound is on the metric as a percentage of that one; `plus` is added to it
    before that, where a count that is missing is none. A count below `at_least` in a minute is no
    percentage at all: one of three requests alarms nobody. `below` alarms under the bound instead;
    `silence_alarms` takes missing data for a breach.
    """

    id: str
    meaning: str
    metric: Metric
    bound: float
    minutes: int
    percent_of: Metric | None = None
    plus: Metric | None = None
    at_least: int = 0
    below: bool = False
    silence_alarms: bool = False


class Monitoring(Construct):
    """An alarm for each watch and, unless `dashboard` is False, a page with their curves.

    `title` opens every alarm's description. `actions` are ARNs, such as a paging topic's, told
    when an alarm starts and when it ends. `path` is where it stands in its stack; who knows it
    saves asking the CDK.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        title: str,
        region: str,
        watches: Sequence[Watch],
        actions: Sequence[str],
        dashboard: bool = True,
        path: str | None = None,
    ) -> None:
        super().__init__(scope, id)
        path = path or path_in_stack(self)
        rows = {
            logical_id(f"{path}/{watch.id}"): _alarm(title, watch, actions) for watch in watches
        }
        if dashboard:
            body = json.dumps({"widgets": _graphs(region, watches)})
            rows[logical_id(f"{path}/Dashboard")] = {
                "Type": "AWS::CloudWatch::Dashboard",
                "Properties": {"DashboardBody": body},
            }
        declare(self, "Watches", resources=rows)
        if not actions:
            acknowledge(
                self,
                "NIST.800.53.R5-CloudWatchAlarmAction",
                reason="Whom to page is the estate's choice (`alarm_actions`); without one, the "
                "alarms still show in CloudWatch.",
            )


def _alarm(title: str, watch: Watch, actions: Sequence[str]) -> dict[str, Any]:
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmDescription": f"{title}: {watch.meaning}",
            "EvaluationPeriods": watch.minutes,
            "Threshold": watch.bound,
            "ComparisonOperator": "LessThanThreshold" if watch.below else "GreaterThanThreshold",
            "TreatMissingData": "breaching" if watch.silence_alarms else "notBreaching",
            **({"AlarmActions": list(actions), "OKActions": list(actions)} if actions else {}),
            **(
                {"Metrics": _ratio(watch, watch.percent_of)}
                if watch.percent_of
                else _single(watch.metric)
            ),
        },
    }


def _single(metric: Metric) -> dict[str, Any]:
    percentile = metric.statistic.startswith("p")
    return {
        "Namespace": metric.namespace,
        "MetricName": metric.name,
        "Dimensions": _dimensions(metric),
        "ExtendedStatistic" if percentile else "Statistic": metric.statistic,
        "Period": 60,
    }


def _ratio(watch: Watch, whole: Metric) -> list[dict[str, Any]]:
    return [
        {"Id": "percent", "Expression": _percent(watch), "ReturnData": True},
        *(
            {
                "Id": name,
                "ReturnData": False,
                "MetricStat": {
                    "Metric": {
                        "Namespace": metric.namespace,
                        "MetricName": metric.name,
                        "Dimensions": _dimensions(metric),
                    },
                    "Stat": metric.statistic,
                    "Period": 60,
                },
            }
            for name, metric in _terms(watch, whole).items()
        ),
    ]


def _terms(watch: Watch, whole: Metric) -> dict[str, Metric]:
    """What the expression is about, by the ids in it."""
    more = {"more": watch.plus} if watch.plus else {}
    return {"part": watch.metric, **more, "whole": whole}


def _percent(watch: Watch) -> str:
    """A count is published only where there is something to count, and a sum with it only then.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
    """
    count = "(FILL(part, 0) + FILL(more, 0))" if watch.plus else "part"
    percent = f"100 * {count} / whole"
    return f"IF({count} >= {watch.at_least}, {percent}, 0)" if watch.at_least else percent


def _dimensions(metric: Metric) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in metric.dimensions.items()]


def _graphs(region: str, watches: Sequence[Watch]) -> list[dict[str, Any]]:
    """A curve with its bound for each watch, three in a row."""
    return [
        {
            "type": "metric",
            "x": 8 * (place % 3),
            "y": 6 * (place // 3),
            "width": 8,
            "height": 6,
            "properties": {
                "title": watch.id,
                "region": region,
                "period": 60,
                "metrics": _curves(watch),
                "annotations": {"horizontal": [{"label": "alarm", "value": watch.bound}]},
            },
        }
        for place, watch in enumerate(watches)
    ]


def _curves(watch: Watch) -> list[list[Any]]:
    def series(metric: Metric, **options: object) -> list[Any]:
        pairs = (part for pair in metric.dimensions.items() for part in pair)
        return [metric.namespace, metric.name, *pairs, {"stat": metric.statistic, **options}]

    if watch.percent_of is None:
        return [series(watch.metric)]
    return [
        [{"id": "percent", "expression": _percent(watch), "label": watch.id}],
        *(
            series(metric, id=name, visible=False)
            for name, metric in _terms(watch, watch.percent_of).items()
        ),
    ]
