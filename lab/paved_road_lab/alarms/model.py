"""A metric alarm as `describe-alarms` tells it, and what of it cannot be looked at here."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from paved_road_lab.alarms.expression import UnknownExpressionError, evaluate
from paved_road_lab.balancers.meter import NAMESPACE, PUBLISHED

MINUTE = 60


class State(StrEnum):
    """Of an alarm."""

    OK = "OK"
    ALARM = "ALARM"
    UNKNOWN = "INSUFFICIENT_DATA"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One series of an alarm, by its id in expressions. `period` is in seconds, as on AWS."""

    id: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str
    period: int


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Alarms when `breaches` of the last `periods` values compare with the threshold.

    The value is `expression`'s over the measures. `missing` is what stands for one that is missing,
    in the API's words.
    """

    name: str
    state: State
    measures: tuple[Measure, ...]
    expression: str
    comparison: str
    threshold: float
    periods: int
    breaches: int
    missing: str = "missing"

    @property
    def period(self) -> int:
        """Of its measures, which `fault` lets be one only."""
        return self.measures[0].period

    @property
    def of_balancers(self) -> bool:
        """Whether load balancers tell its measures, whose minute may last less here."""
        return self.measures[0].namespace == NAMESPACE


COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def alarm(told: Mapping[str, Any]) -> Alarm:
    """From one of `MetricAlarms`."""
    queries = told.get("Metrics") or ()
    periods = int(told["EvaluationPeriods"])
    returned = [one for one in queries if one.get("ReturnData", True)]
    expressions = [one.get("Expression") or one["Id"] for one in returned]
    return Alarm(
        name=told["AlarmName"],
        state=State(told["StateValue"]),
        measures=tuple(_measure(one) for one in queries if one.get("MetricStat"))
        or (_single(told),),
        # An alarm has one value; several are a form of anomaly detection, which is refused.
        expression=(expressions[0] if len(expressions) == 1 else "") if queries else "only",
        comparison=told["ComparisonOperator"],
        threshold=float(told.get("Threshold", "nan")),
        periods=periods,
        breaches=int(told.get("DatapointsToAlarm") or periods),
        missing=told.get("TreatMissingData") or "missing",
    )


def fault(alarm: Alarm) -> str | None:
    """Why it cannot be looked at here; None if it can. Never a reason to call it well."""
    if alarm.comparison not in COMPARE:
        return f"comparison {alarm.comparison}"
    if len({one.period for one in alarm.measures}) > 1:
        return "measures of several periods"
    for one in alarm.measures:
        aws = one.namespace.startswith("AWS/")
        if aws and not (one.namespace == NAMESPACE and one.name in PUBLISHED):
            return f"{one.namespace} {one.name}: nobody measures it here"
    if len({one.namespace == NAMESPACE for one in alarm.measures}) > 1:
        return "measures of load balancers beside others, which have another clock"
    try:
        evaluate(alarm.expression, {one.id: 1.0 for one in alarm.measures})
    except UnknownExpressionError as error:
        return str(error)
    return None


def lab_period(alarm: Alarm, minute_seconds: int) -> int:
    """Seconds of one of its periods here, where a minute of load balancers may last less.

    Whoever else publishes does so as on AWS, so its minutes are minutes.
    """
    if not alarm.of_balancers:
        return alarm.period
    return max(1, alarm.period * minute_seconds // MINUTE)


def _measure(query: Mapping[str, Any]) -> Measure:
    stat = query["MetricStat"]
    return Measure(
        id=query["Id"],
        namespace=stat["Metric"]["Namespace"],
        name=stat["Metric"]["MetricName"],
        dimensions=_dimensions(stat["Metric"].get("Dimensions", ())),
        statistic=stat["Stat"],
        period=int(stat["Period"]),
    )


def _single(told: Mapping[str, Any]) -> Measure:
    return Measure(
        id="only",
        namespace=told.get("Namespace", ""),
        name=told.get("MetricName", ""),
        dimensions=_dimensions(told.get("Dimensions", ())),
        statistic=told.get("Statistic") or told.get("ExtendedStatistic") or "",
        period=int(told.get("Period") or MINUTE),
    )


def _dimensions(told: Any) -> tuple[tuple[str, str], ...]:  # noqa: ANN401 - JSON
    return tuple((one["Name"], one["Value"]) for one in told)
