"""Alarms on what is watched about a ring, and the page a person looks at first."""

import json
from collections.abc import Sequence
from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from paved_road.guard import acknowledge
from paved_road.ring.watches import Watch


class Monitoring(Construct):
    """An alarm for each watch, and a dashboard with their curves and bounds.

    `actions` are ARNs, such as a paging topic's, told when an alarm starts and when it ends.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        title: str,
        region: str,
        watches: Sequence[Watch],
        actions: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        for watch in watches:
            _alarm(self, title, watch, actions)
        if not actions:
            acknowledge(
                self,
                "NIST.800.53.R5-CloudWatchAlarmAction",
                reason="Whom to page is the estate's choice (`alarm_actions`); without one, the "
                "alarms still show in CloudWatch.",
            )
        cloudwatch.CfnDashboard(
            self,
            "Dashboard",
            dashboard_body=json.dumps({"widgets": _graphs(region, watches)}),
        )


def _alarm(scope: Construct, title: str, watch: Watch, actions: Sequence[str]) -> None:
    cloudwatch.CfnAlarm(
        scope,
        watch.id,
        alarm_description=f"Ring {title}: {watch.meaning}",
        namespace=watch.metric.namespace,
        metric_name=watch.metric.name,
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
            for name, value in watch.metric.dimensions.items()
        ],
        statistic=watch.metric.statistic,
        period=60,
        evaluation_periods=watch.minutes,
        threshold=watch.bound,
        comparison_operator="LessThanThreshold" if watch.below else "GreaterThanThreshold",
        treat_missing_data="breaching" if watch.silence_alarms else "notBreaching",
        alarm_actions=list(actions) or None,
        ok_actions=list(actions) or None,
    )


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
                "stat": watch.metric.statistic,
                "metrics": [
                    [
                        watch.metric.namespace,
                        watch.metric.name,
                        *(part for pair in watch.metric.dimensions.items() for part in pair),
                    ]
                ],
                "annotations": {"horizontal": [{"label": "alarm", "value": watch.bound}]},
            },
        }
        for place, watch in enumerate(watches)
    ]
