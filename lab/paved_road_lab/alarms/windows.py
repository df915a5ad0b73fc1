"""Which periods of which alarms to look at now, what to ask for them, and what was answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from paved_road_lab.alarms.model import Alarm, lab_period

SILENT_SECONDS = 10
"""After that load balancers that told nothing are taken for gone, their metrics for missing."""


@dataclass(frozen=True, kw_only=True)
class Window:
    """The whole periods of an alarm before `end`; both times are in seconds of this machine."""

    alarm: Alarm
    period: int
    end: int

    @property
    def start(self) -> int:
        """Of the first period."""
        return self.end - self.period * self.alarm.periods


def window(alarm: Alarm, *, now: float, newest: int | None, minute_seconds: int) -> Window:
    """The last whole periods; of load balancers those that they told: late is not missing."""
    known = int(now)
    if alarm.of_balancers and newest is not None:
        known = max(newest + 1, known - SILENT_SECONDS)
    period = lab_period(alarm, minute_seconds)
    return Window(alarm=alarm, period=period, end=known - known % period)


def queries(windows: Iterable[Window]) -> list[dict[str, Any]]:
    """For `GetMetricData`; ids say which alarm's and which of its measures."""
    return [
        {
            "Id": f"a{place}m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": one.namespace,
                    "MetricName": one.name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in one.dimensions],
                },
                "Period": window.period,
                "Stat": one.statistic,
            },
        }
        for place, window in enumerate(windows)
        for number, one in enumerate(window.alarm.measures)
    ]


def measured(
    windows: Sequence[Window], answers: Mapping[str, Mapping[int, float]]
) -> list[dict[str, list[float | None]]]:
    """Of each window the values by the measures' ids, oldest first; `answers` are by query."""
    return [
        {
            one.id: [
                answers.get(f"a{place}m{number}", {}).get(second)
                for second in range(window.start, window.end, window.period)
            ]
            for number, one in enumerate(window.alarm.measures)
        }
        for place, window in enumerate(windows)
    ]
