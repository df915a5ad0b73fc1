"""Leases that need no clock in common.

A lease's `until` is its holder's own: until then, by its own clock, it may act. Others never
compare it with theirs: they take over once they have seen the same lease unchanged for its whole
length, by their own clock. So clocks may differ by any amount, but must run alike: one that runs a
fifth slower for a minute could make two holders. So what is done under a lease is safe to do twice.
"""

from dataclasses import dataclass, field

from paved_road_ring_agent.facts import Lease

LEASE_SECONDS = 60.0
MARGIN = 0.8
"""The part of its length that a holder uses."""


@dataclass
class Leases:
    """What one agent has seen of leases. Forgotten when it restarts, so it waits anew."""

    holder: str
    seen: dict[str, tuple[int, float]] = field(default_factory=dict)

    def holds(self, found: Lease | None, now: float) -> bool:
        """Whether the lease is this agent's now, by the clock that its leases are written by."""
        return found is not None and found.holder == self.holder and now < found.until

    def next(self, subject: str, found: Lease | None, now: float, elapsed: float) -> Lease | None:
        """The lease to ask for; None while another's may still hold.

        `elapsed` is a clock that never jumps.
        """
        if found is not None and found.holder != self.holder:
            number, since = self.seen.get(subject, (0, elapsed))
            if number != found.number:
                since = elapsed
            self.seen[subject] = (found.number, since)
            if elapsed - since < LEASE_SECONDS:
                return None
        number = found.number + 1 if found else 1
        return Lease(holder=self.holder, until=now + MARGIN * LEASE_SECONDS, number=number)
