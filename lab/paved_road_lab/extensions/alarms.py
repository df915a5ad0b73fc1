"""Alarms in templates, which stock moto skips, and what is known of who looks at them.

They begin without data and keep their state in an update. Stock moto begins with `OK` and, asked
for a prefix and a state, heeds only the prefix.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from moto.cloudwatch.models import (
    Alarm,
    CloudWatchBackend,
    Dimension,
    Metric,
    MetricDataQuery,
    MetricStat,
    cloudwatch_backends,
)
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.common_models import CloudFormationModel
from moto.core.responses import ActionResult

from paved_road_lab.extensions.metrics import newest

MINUTE = 60

AT_FIRST = 5
"""Seconds of a minute, unless somebody says otherwise: an alarm can be waited for, and a second in
which this machine has something else to do is none."""


@dataclass(kw_only=True)
class Told:
    """What was said of alarms last: where they are looked at, and which cannot be, by why.

    `not_delivered` are rules of EventBridge that nothing follows, likewise.

    `minute_seconds` is how long a minute of load balancers' alarms lasts here.
    """

    minute_seconds: int = AT_FIRST
    regions: frozenset[str] = frozenset()
    not_evaluated: dict[str, int] = field(default_factory=dict)
    not_delivered: dict[str, int] = field(default_factory=dict)


_told = Told()


class TemplateAlarm(CloudFormationModel):
    """A metric alarm that a stack made. Its `Ref` is its name."""

    def __init__(self, alarm: Alarm) -> None:
        self.name = self.physical_resource_id = alarm.name
        self._arn = alarm.alarm_arn

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that names it."""
        return "AlarmName"

    @staticmethod
    def cloudformation_type() -> str:
        """As templates call it."""
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """What `Fn::GetAtt` knows."""
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """The ARN."""
        _ = attribute_name
        return self._arn

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> "TemplateAlarm":
        """Make it."""
        backend = cloudwatch_backends[account_id][region_name]
        return cls(_put(backend, resource_name, cloudformation_json["Properties"]))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "TemplateAlarm",
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> "TemplateAlarm":
        """Change what it looks at; its state stays until somebody looks again."""
        _ = new_resource_name
        backend = cloudwatch_backends[account_id][region_name]
        return cls(_put(backend, original_resource.name, cloudformation_json["Properties"]))

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> None:
        """Forget it."""
        _ = cloudformation_json
        cloudwatch_backends[account_id][region_name].delete_alarms([resource_name])


def install() -> None:
    """Begin without data, and answer for a prefix and a state."""
    stock_put, stock_describe = (
        CloudWatchBackend.put_metric_alarm,
        CloudWatchResponse.describe_alarms,
    )

    def put(self: CloudWatchBackend, *args: Any, **kwargs: Any) -> Alarm:
        name = kwargs.get("name") or args[0]
        before = self.alarms.get(name)
        alarm: Alarm = stock_put(self, *args, **kwargs)
        alarm.state_value = before.state_value if before else "INSUFFICIENT_DATA"
        return alarm

    def describe(self: CloudWatchResponse) -> ActionResult:
        described: Any = stock_describe(self)
        wanted = self._get_param("StateValue")
        found = {
            kind: [one for one in alarms if not wanted or one.state_value == wanted]
            for kind, alarms in described.result.items()
        }
        return ActionResult(found)

    CloudWatchBackend.put_metric_alarm = put
    CloudWatchResponse.describe_alarms = describe


def hear(told: Mapping[str, Any]) -> None:
    """Whatever of it was said: the length of a minute, or who looks at which alarms."""
    if "minute_seconds" in told:
        seconds = int(told["minute_seconds"])
        if not 1 <= seconds <= MINUTE:
            raise ValueError(f"a minute lasts 1 to {MINUTE} seconds, not {seconds}")
        _told.minute_seconds = seconds
    if "regions" in told:
        _told.regions = frozenset(map(str, told["regions"]))
        _told.not_evaluated = {str(why): int(n) for why, n in told["not_evaluated"].items()}
        _told.not_delivered = {str(why): int(n) for why, n in told["not_delivered"].items()}


def evaluation() -> dict[str, Any]:
    """Where alarms are looked at, how long a minute lasts, and which are not looked at and why."""
    return {
        "minute_seconds": _told.minute_seconds,
        "evaluating": sorted(_told.regions),
        "not_evaluated": dict(_told.not_evaluated),
        "not_delivered": dict(_told.not_delivered),
    }


def describe(namespace: str) -> dict[str, Any]:
    """For who looks at alarms: the length of a minute, and how far metrics are told by region."""
    return {"minute_seconds": _told.minute_seconds, "newest": newest(namespace)}


def _put(backend: CloudWatchBackend, name: str, given: Mapping[str, Any]) -> Alarm:
    wanted = given.get("DatapointsToAlarm")
    return backend.put_metric_alarm(
        name=name,
        namespace=given.get("Namespace", ""),
        metric_name=given.get("MetricName", ""),
        metric_data_queries=[_query(one) for one in given.get("Metrics", ())] or None,
        comparison_operator=given["ComparisonOperator"],
        evaluation_periods=int(given["EvaluationPeriods"]),
        datapoints_to_alarm=int(wanted) if wanted else None,
        period=int(given.get("Period", MINUTE)),
        threshold=float(given.get("Threshold", "nan")),
        statistic=given.get("Statistic", ""),
        extended_statistic=given.get("ExtendedStatistic"),
        description=given.get("AlarmDescription", ""),
        dimensions=given.get("Dimensions", []),
        alarm_actions=given.get("AlarmActions", []),
        ok_actions=given.get("OKActions", []),
        insufficient_data_actions=given.get("InsufficientDataActions", []),
        unit=given.get("Unit"),
        treat_missing_data=given.get("TreatMissingData"),
        tags=given.get("Tags"),
    )


def _query(given: dict[str, Any]) -> MetricDataQuery:
    stat = given.get("MetricStat")
    # What is left out must stay None, whatever moto's types say.
    period: Any = given.get("Period")
    return MetricDataQuery(
        query_id=given["Id"],
        label=given.get("Label", ""),
        period=period,
        return_data=given.get("ReturnData", True),
        expression=given.get("Expression"),
        metric_stat=_stat(stat) if stat else None,
    )


def _stat(given: dict[str, Any]) -> MetricStat:
    metric = given["Metric"]
    unit: Any = given.get("Unit")
    return MetricStat(
        metric=Metric(
            metric_name=metric["MetricName"],
            namespace=metric["Namespace"],
            dimensions=[
                Dimension(one["Name"], one["Value"]) for one in metric.get("Dimensions", ())
            ],
        ),
        period=given["Period"],
        stat=given["Stat"],
        unit=unit,
    )
