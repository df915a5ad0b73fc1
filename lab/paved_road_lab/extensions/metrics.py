"""Metrics as CloudWatch answers them: percentiles, metric maths, bounded memory.

Stock moto keeps every value for good in one list that each question goes through, knows no
percentile, and takes an expression for a metric's id. Periods of a second are answered for whatever
was told, where AWS wants metrics to be of high resolution.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.exceptions import InvalidParameterValue
from moto.cloudwatch.models import CloudWatchBackend, MetricDatum, MetricDatumBase
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from paved_road_lab.alarms.expression import UnknownExpressionError, evaluate
from paved_road_lab.extensions.metric_store import Key, Point, Store, statistic

_stores: dict[tuple[str, str], Store] = {}

Answered = dict[int, float]


def install() -> None:
    """Keep metrics in a store of ours, and answer from it."""
    stock_all = CloudWatchBackend.get_all_metrics

    def put(self: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        for place, one in enumerate(metric_data):
            self._validate_parameters_put_metric_data(one, place + 1)
        store, latest = store_of(self), 0
        for one in metric_data:
            key = _key(namespace, one["MetricName"], one.get("Dimensions", ()))
            second = _second(one.get("Timestamp"))
            store.add(key, second, _point(one))
            latest = max(latest, second)
        store.told(namespace, latest)

    def data(
        self: CloudWatchBackend,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampAscending",
    ) -> list[dict[str, Any]]:
        start, end = _second(start_time), _second(end_time)
        if start >= end:
            raise InvalidParameterValue("The parameter EndTime must be greater than StartTime.")
        found = _answers(store_of(self), queries, start, end)
        return [
            _told(one, found[one["Id"]], newest_first=scan_by == "TimestampDescending")
            for one in queries
            if one.get("ReturnData", True)
        ]

    def all_metrics(self: CloudWatchBackend) -> list[MetricDatumBase]:
        """For `ListMetrics`, which asks for their names."""
        ours = [
            MetricDatum(space, name, 0, [{"Name": k, "Value": v} for k, v in dimensions], None)
            for space, name, dimensions in store_of(self)
        ]
        return [*stock_all(self), *ours]

    CloudWatchBackend.put_metric_data = put
    CloudWatchBackend.get_metric_data = data
    CloudWatchBackend.get_all_metrics = all_metrics
    CloudWatchResponse.get_metric_statistics = _statistics


def store_of(backend: CloudWatchBackend) -> Store:
    """The metrics of its region."""
    return _stores.setdefault((backend.account_id, backend.region_name), Store())


def newest(namespace: str) -> dict[str, int]:
    """By region the latest second of a namespace that was told."""
    found = {region: store.newest(namespace) for (_, region), store in list(_stores.items())}
    return {region: second for region, second in found.items() if second is not None}


def _statistics(self: CloudWatchResponse) -> ActionResult:
    """`GetMetricStatistics`, extended ones too."""
    asked = self._get_params()
    key = _key(asked["Namespace"], asked["MetricName"], asked.get("Dimensions", ()))
    start, end = _second(asked["StartTime"]), _second(asked["EndTime"])
    plain, extended = asked.get("Statistics", ()), asked.get("ExtendedStatistics", ())
    points = []
    for second, point in store_of(self.cloudwatch_backend).points(
        key, start, end, int(asked["Period"])
    ):
        made: dict[str, Any] = {"Timestamp": datetime.fromtimestamp(second, UTC)}
        made.update({name: _statistic(name)(point) for name in plain})
        if extended:
            made["ExtendedStatistics"] = {name: _statistic(name)(point) for name in extended}
        points.append(made)
    return ActionResult({"Label": asked["MetricName"], "Datapoints": points})


def _answers(
    store: Store, queries: Sequence[Mapping[str, Any]], start: int, end: int
) -> dict[str, Answered]:
    """By id. Expressions see the metrics of the same call."""
    found: dict[str, Answered] = {}
    periods: dict[str, int] = {}
    for one in queries:
        if stat := one.get("MetricStat"):
            metric = stat["Metric"]
            key = _key(metric["Namespace"], metric["MetricName"], metric.get("Dimensions", ()))
            how, periods[one["Id"]] = _statistic(stat["Stat"]), int(stat["Period"])
            measured = store.points(key, start, end, periods[one["Id"]])
            values = ((second, how(point)) for second, point in measured)
            found[one["Id"]] = {second: value for second, value in values if value is not None}
    for one in queries:
        if "MetricStat" not in one:
            found[one["Id"]] = _computed(one["Expression"], found, periods, start, end)
    return found


def _computed(
    expression: str, found: Mapping[str, Answered], periods: Mapping[str, int], start: int, end: int
) -> Answered:
    period = max(periods.values(), default=60)
    known: Answered = {}
    try:
        for second in range(start - start % period, end, period):
            value = evaluate(expression, {id: found[id].get(second) for id in periods})
            if value is not None:
                known[second] = value
    except UnknownExpressionError as error:
        raise InvalidParameterValue(f"{error} (the lab)") from None
    return known


def _told(query: Mapping[str, Any], answered: Answered, *, newest_first: bool) -> dict[str, Any]:
    order = sorted(answered, reverse=newest_first)
    return {
        "id": query["Id"],
        "label": query.get("Label") or query["Id"],
        "timestamps": [datetime.fromtimestamp(second, UTC) for second in order],
        "values": [answered[second] for second in order],
        "status_code": "Complete",
    }


def _statistic(name: str) -> Callable[[Point], float | None]:
    if how := statistic(name):
        return how
    raise InvalidParameterValue(f"The statistic {name} is not known to the lab.")


def _point(told: Mapping[str, Any]) -> Point:
    point = Point()
    if values := told.get("Values"):
        for value, count in zip(values, told.get("Counts") or [1] * len(values), strict=True):
            point.add(float(value), float(count))
    elif sums := told.get("StatisticValues"):
        point.merge(
            Point(
                count=float(sums["SampleCount"]),
                total=float(sums["Sum"]),
                least=float(sums["Minimum"]),
                most=float(sums["Maximum"]),
            )
        )
    else:
        point.add(float(told.get("Value", 0)))
    return point


def _key(namespace: str, name: str, dimensions: Sequence[Mapping[str, str]]) -> Key:
    return namespace, name, frozenset((one["Name"], one["Value"]) for one in dimensions)


def _second(when: datetime | None) -> int:
    if when is None:
        return int(datetime.now(UTC).timestamp())
    # Moto's own times are of UTC and say no zone.
    return math.floor((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
