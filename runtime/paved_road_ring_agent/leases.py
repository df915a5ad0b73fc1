"""The right to act for others, one holder at a time, with clocks that need not agree.

A lease's `until` is its holder's own: until then, by its own clock, it may act. Others hardly
compare it with theirs: they take over once they have seen the same lease unchanged for its whole
length, or when it was over long ago. So clocks may differ by minutes, but must run alike: one that
runs a fifth slower for a minute could make two holders. So what is done under a lease is safe to do
twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from paved_road_ring_agent.facts import Lease

LEASE_SECONDS = 60.0
MARGIN = 0.8
"""The part of its length that a holder uses."""
LONG_AGO_SECONDS = 300.0
"""How far clocks may differ: a lease that ended so long ago by the own one is free at once. Nodes
do not start with a clock that is off by a tenth of a second (`fitness.py`)."""
GIVEN_BACK = 0.0


class LeaseTable(Protocol):
    """What leases need of the slot table."""

    def lease(self, subject: str) -> Lease | None:
        """Who has it now or had it last."""

    def take_lease(self, subject: str, lease: Lease) -> bool:
        """Write it if its number is the next one; false if it is not."""


@dataclass(kw_only=True)
class Leases:
    """Of one holder: an instance, or somebody's command.

    `seen` of others' is forgotten when it restarts, so it waits anew. `elapsed` is a clock that
    never jumps.
    """

    table: LeaseTable
    holder: str
    clock: Callable[[], float]
    elapsed: Callable[[], float] = time.monotonic
    seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def take(self, subject: str) -> bool:
        """Whether the holder may act for `subject` now, and for what is left of its lease."""
        found = self.table.lease(subject)
        if found is not None and found.holder == self.holder and self.clock() < found.until:
            return True
        return self._ask(subject, found)

    def renew(self, subject: str) -> bool:
        """Take it, or have it for its whole length again; false if somebody else has it."""
        return self._ask(subject, self.table.lease(subject))

    def give_back(self, subject: str) -> None:
        """Let the next one act at once. Harmless if it was lost."""
        found = self.table.lease(subject)
        if found is not None and found.holder == self.holder:
            over = Lease(holder=self.holder, until=GIVEN_BACK, number=found.number + 1)
            self.table.take_lease(subject, over)

    def _ask(self, subject: str, found: Lease | None) -> bool:
        if found is not None and found.holder != self.holder and not self._is_over(subject, found):
            return False
        number = found.number + 1 if found else 1
        until = self.clock() + MARGIN * LEASE_SECONDS
        wanted = Lease(holder=self.holder, until=until, number=number)
        return self.table.take_lease(subject, wanted)

    def _is_over(self, subject: str, found: Lease) -> bool:
        """Whether somebody else's lease cannot hold any more."""
        if found.until == GIVEN_BACK or self.clock() - found.until > LONG_AGO_SECONDS:
            return True
        now = self.elapsed()
        number, since = self.seen.get(subject, (0, now))
        if number != found.number:
            since = now
        self.seen[subject] = (found.number, since)
        return now - since >= LEASE_SECONDS
