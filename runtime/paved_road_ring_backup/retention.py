"""Which ring manifests are kept: the newest of each hour, day and week, for so many of them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

HOUR, DAY = 3_600, 86_400


@dataclass(frozen=True, kw_only=True)
class Keep:
    """How many hours, days and weeks (in UTC, from Monday) have a manifest to go back to.

    Two days hour by hour, because mistakes are noticed the day after; two weeks day by day; and a
    quarter week by week, the time until an audit asks. Hours without a backup do not count: a ring
    whose backups fail for a month keeps what it had.

    `seconds_for` is for how many days commit logs bring the ring back to any second: a week.
    """

    hourly: int = 48
    daily: int = 14
    weekly: int = 13
    seconds_for: int = 7

    def __post_init__(self) -> None:
        faults = [
            f"{name} must not be negative, got {count}"
            for name, count in vars(self).items()
            if count < 0
        ]
        if faults:
            raise ValueError(f"Keep: {'; '.join(faults)}")


def kept(moments: Collection[int], keep: Keep) -> frozenset[int]:
    """Those of `moments` (seconds since 1970) that the rule keeps; the newest always."""
    rules: tuple[tuple[int, Callable[[int], int]], ...] = (
        (keep.hourly, lambda moment: moment // HOUR),
        (keep.daily, lambda moment: moment // DAY),
        # 1970 began on a Thursday, three days after a Monday.
        (keep.weekly, lambda moment: (moment // DAY + 3) // 7),
    )
    found = {max(moments)} if moments else set()
    for count, period in rules:
        newest = {period(moment): moment for moment in sorted(moments)}
        found |= {newest[one] for one in sorted(newest, reverse=True)[:count]}
    return frozenset(found)
