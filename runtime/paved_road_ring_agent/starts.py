"""When Cassandra was started of late, and how long the next start has to wait.

A node that ends again and again must not take its machine and its peers' attention with it: each
start makes all of them talk to it anew.
"""

from collections.abc import Sequence

from paved_road_ring_agent.layout import Layout, read_whole, write_whole

WINDOW_SECONDS = 3_600.0
FREE = 3
"""Starts within the window that wait for nothing: a first one, one behind a fence and one after a
crash."""
FIRST_SECONDS, MOST_SECONDS = 10.0, 300.0
"""The pause after the start that was one too many; each further one doubles it, up to the most."""


def pause_after(starts: Sequence[float], now: float) -> float:
    """Seconds that lie between the last of these starts and the next one."""
    count = len(recent(starts, now))
    if count < FREE:
        return 0.0
    return min(MOST_SECONDS, FIRST_SECONDS * 2.0 ** min(count - FREE, 16))


def recent(starts: Sequence[float], now: float) -> tuple[float, ...]:
    """Those that count. One from the future does not: the clock went back since."""
    return tuple(at for at in starts if 0 <= now - at < WINDOW_SECONDS)


def written(layout: Layout) -> tuple[float, ...]:
    """The node's starts since its machine booted."""
    return tuple(read_whole(layout.starts_file) or ())


def write(layout: Layout, now: float) -> None:
    """Note one more."""
    write_whole(layout.starts_file, [*recent(written(layout), now), now])
