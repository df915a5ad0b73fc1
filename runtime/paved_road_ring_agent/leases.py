"""The right to act for others, one holder at a time, for as long as it says so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from paved_road_ring_agent.facts import Lease

LEASE_SECONDS = 60


class LeaseTable(Protocol):
    """What leases need of the slot table."""

    def lease(self, subject: str) -> Lease | None:
        """Who has it now or had it last."""

    def take_lease(self, subject: str, lease: Lease) -> bool:
        """Write it if its number is the next one; false if it is not."""


@dataclass(kw_only=True)
class Leases:
    """Of one holder: an instance, or somebody's command."""

    table: LeaseTable
    holder: str
    clock: Callable[[], float]

    def take(self, subject: str) -> bool:
        """Whether the holder may act for `subject` now, and for what is left of a minute."""
        held = self.table.lease(subject)
        if held is not None and held.until > self.clock():
            return held.holder == self.holder
        return self._write(subject, held)

    def renew(self, subject: str) -> bool:
        """Take it, or have it for another minute; false if somebody else has it."""
        held = self.table.lease(subject)
        if held is not None and held.until > self.clock() and held.holder != self.holder:
            return False
        return self._write(subject, held)

    def give_back(self, subject: str) -> None:
        """Let the next one act at once. Harmless if it was lost."""
        held = self.table.lease(subject)
        if held is not None and held.holder == self.holder:
            over = Lease(holder=self.holder, until=0.0, number=held.number + 1)
            self.table.take_lease(subject, over)

    def _write(self, subject: str, held: Lease | None) -> bool:
        number = held.number + 1 if held else 1
        until = self.clock() + LEASE_SECONDS
        return self.table.take_lease(subject, Lease(holder=self.holder, until=until, number=number))
