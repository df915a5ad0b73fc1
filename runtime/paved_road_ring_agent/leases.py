"""The right to act for others, one holder at a time, between machines whose clocks disagree.

A lease's `until` is its holder's own: until then, by its own clock, it may act. Others do not
compare it with theirs: they take over once they have seen the same lease unchanged for its whole
length by their own clock, or when it ended longer ago than any clock is off. Clocks that run at
other speeds can still make two holders, so what is done under a lease is safe to do twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from paved_road_ring_agent.facts import Lease

LEASE_SECONDS = 60.0
USED_SECONDS = 50.0
"""How much of it a holder uses: it stops before others may begin."""

LARGEST_SKEW_SECONDS = 300.0
"""No node starts whose clock is off by more than a fraction of it. Whoever has not watched a lease,
such as a command that was just started, believes that it ended after so long only."""


class LeaseTable(Protocol):
    """What leases need of the slot table."""

    def lease(self, subject: str) -> Lease | None:
        """Who has it now or had it last."""

    def take_lease(self, subject: str, lease: Lease) -> bool:
        """Write it if its number is the next one; false if it is not."""


@dataclass(kw_only=True)
class Leases:
    """Of one holder: an instance, or somebody's command. Keep it: it remembers what it saw.

    `clock` is what the holder's own leases end by, `elapsed` one that never jumps.
    """

    table: LeaseTable
    holder: str
    clock: Callable[[], float]
    elapsed: Callable[[], float] = time.monotonic
    _seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def take(self, subject: str) -> bool:
        """Whether the holder may act for `subject` now, and for what is left of its lease."""
        held = self.table.lease(subject)
        if held is not None and held.holder == self.holder and self.clock() < held.until:
            return True
        return self._may_take(subject, held) and self._write(subject, held)

    def renew(self, subject: str) -> bool:
        """Take it, or have it for another minute; false if somebody else has it."""
        held = self.table.lease(subject)
        return self._may_take(subject, held) and self._write(subject, held)

    def give_back(self, subject: str) -> None:
        """Let the next one act at once. Harmless if it was lost."""
        held = self.table.lease(subject)
        if held is not None and held.holder == self.holder:
            over = Lease(holder=self.holder, until=0.0, number=held.number + 1)
            self.table.take_lease(subject, over)

    def _may_take(self, subject: str, held: Lease | None) -> bool:
        if held is None or held.holder == self.holder or held.until == 0.0:
            return True
        if self.clock() > held.until + LARGEST_SKEW_SECONDS:
            return True
        now = self.elapsed()
        number, since = self._seen.get(subject, (0, now))
        if number != held.number:
            since = now
        self._seen[subject] = (held.number, since)
        return now - since >= LEASE_SECONDS

    def _write(self, subject: str, held: Lease | None) -> bool:
        number = held.number + 1 if held else 1
        until = self.clock() + USED_SECONDS
        return self.table.take_lease(subject, Lease(holder=self.holder, until=until, number=number))
