"""How often what fails is started again: systemd's Restart=on-failure with a start limit."""

from collections.abc import Sequence

STARTS, WINDOW_SECONDS = 5, 600
"""`StartLimitBurst=` and `StartLimitIntervalSec=` of what stands for a unit."""


def may_start(starts: Sequence[float], now: float) -> bool:
    """Whether one more start is within the limit. Once it is not, a person has to look."""
    return len(recent(starts, now)) < STARTS


def recent(starts: Sequence[float], now: float) -> tuple[float, ...]:
    """The starts that still count."""
    return tuple(at for at in starts if 0 <= now - at < WINDOW_SECONDS)
