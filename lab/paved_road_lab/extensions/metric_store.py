"""Series of metrics as CloudWatch keeps them: by the second, and for longer by the minute.

What is kept is bounded: seconds for a quarter of an hour, minutes for three hours, where AWS keeps
them for three hours and for fifteen days. A series that nobody writes to any more stays until then.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock

MINUTE = 60
SECONDS_KEPT, MINUTES_KEPT = 900, 180

Key = tuple[str, str, frozenset[tuple[str, str]]]
"""Namespace, name, dimensions."""


@dataclass
class Point:
    """What was measured within one period. `values` are single ones, which percentiles need."""

    count: float = 0
    total: float = 0
    least: float = math.inf
    most: float = -math.inf
    values: dict[float, float] = field(default_factory=dict)

    def add(self, value: float, count: float = 1) -> None:
        """The same value, so many times."""
        self.merge(Point(count, value * count, value, value, {value: count}))

    def merge(self, other: "Point") -> None:
        """All of another one's too."""
        self.count += other.count
        self.total += other.total
        self.least = min(self.least, other.least)
        self.most = max(self.most, other.most)
        for value, count in other.values.items():
            self.values[value] = self.values.get(value, 0) + count

    def percentile(self, percent: float) -> float | None:
        """By nearest rank, of single values; None where only sums were given."""
        whole = sum(self.values.values())
        rank, passed = math.ceil(whole * percent / 100), 0.0
        for value in sorted(self.values):
            passed += self.values[value]
            if passed >= rank:
                return value
        return None


STATISTICS: Mapping[str, Callable[[Point], float]] = {
    "Average": lambda point: point.total / point.count,
    "Maximum": lambda point: point.most,
    "Minimum": lambda point: point.least,
    "SampleCount": lambda point: point.count,
    "Sum": lambda point: point.total,
}


def statistic(name: str) -> Callable[[Point], float | None] | None:
    """By its name in the API; None for one that is not known here."""
    if name.startswith("p") and name[1:].replace(".", "", 1).isdigit():
        percent = float(name[1:])
        return lambda point: point.percentile(percent)
    return STATISTICS.get(name)


class Series:
    """One metric. Points are by the second at which their period begins."""

    def __init__(self) -> None:
        self._kept: dict[int, dict[int, Point]] = {1: {}, MINUTE: {}}

    def add(self, second: int, point: Point) -> None:
        """One more measurement; the oldest ones go."""
        for step, kept in self._kept.items():
            start = second - second % step
            kept.setdefault(start, Point()).merge(point)
            most = SECONDS_KEPT if step == 1 else MINUTES_KEPT
            while len(kept) > most:
                del kept[min(kept)]

    def points(self, start: int, end: int, period: int) -> Iterator[tuple[int, Point]]:
        """Periods from `start`, rounded down to a whole one, to before `end`, if there is any."""
        step = MINUTE if period % MINUTE == 0 else 1
        kept, first = self._kept[step], start - start % period
        asked = range(first, end, step)
        found: dict[int, Point] = {}
        for second in asked if len(asked) < len(kept) else sorted(kept):
            if second in kept and second in asked:
                found.setdefault(second - second % period, Point()).merge(kept[second])
        yield from found.items()


class Store:
    """All series of one region."""

    def __init__(self) -> None:
        self._series: dict[Key, Series] = {}
        self._newest: dict[str, int] = {}
        self._lock = Lock()

    def add(self, key: Key, second: int, point: Point) -> None:
        """Keep a measurement."""
        with self._lock:
            self._series.setdefault(key, Series()).add(second, point)

    def told(self, namespace: str, second: int) -> None:
        """All that was to be told of a second has been added."""
        self._newest[namespace] = max(second, self._newest.get(namespace, 0))

    def points(self, key: Key, start: int, end: int, period: int) -> list[tuple[int, Point]]:
        """Of a series, oldest first; none if nobody knows it."""
        with self._lock:
            series = self._series.get(key)
            return list(series.points(start, end, period)) if series else []

    def __iter__(self) -> Iterator[Key]:
        """All series."""
        with self._lock:
            return iter(list(self._series))

    def newest(self, namespace: str) -> int | None:
        """The latest second of a namespace that was told."""
        return self._newest.get(namespace)
