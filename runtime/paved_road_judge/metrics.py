"""What is compared, minute by minute, and how much worse is still alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Worse(StrEnum):
    """The direction in which a metric gets worse."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One series and its tolerance: `percent` of the baseline, and `floor` in the metric's unit.

    The floor keeps a millisecond more on five from being a fifth, and one error in a thousand
    requests from being infinitely many times none. `weight` is the metric's part of the score; a
    `decisive` one that fails is enough by itself.
    """

    name: str
    worse: Worse = Worse.HIGHER
    percent: float = 0
    floor: float = 0
    weight: float = 1
    decisive: bool = False


METRICS = (
    Metric(name="error percent", floor=0.25, weight=2, decisive=True),
    Metric(name="p99 ms", percent=20, floor=5, weight=1, decisive=True),
    Metric(name="p50 ms", percent=10, floor=1, weight=1, decisive=True),
)
"""What callers notice. Two releases of one template differ by less than this; see docs/judge.md."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two, over the same minutes as the other.

    `requests` and each of `values` have one entry a minute, None where nothing was measured.
    """

    name: str
    instances: int
    age_minutes: float
    requests: Sequence[int]
    values: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
