"""What an agent last saw and did, for those who watch it from other threads."""

from dataclasses import dataclass

from paved_road_ring_agent.actions import Action
from paved_road_ring_agent.facts import Claim, Slot
from paved_road_ring_agent.observed import Observed

STALE_SECONDS = 120.0
"""Rounds are at most 25 s apart (`pace.py`), and a step rarely takes longer. What is older than
this is no knowledge of the present any more."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One round."""

    seen: Observed
    action: Action

    @property
    def held(self) -> tuple[Slot, Claim] | None:
        """The slot that the instance holds, by the table."""
        claims = self.seen.table.claims if self.seen.table else {}
        for slot, claim in claims.items():
            if claim.instance == self.seen.me.instance:
                return slot, claim
        return None

    @property
    def state(self) -> str:
        """The instance's in its group; empty if nobody knows."""
        group = self.seen.group
        return group.instances.get(self.seen.me.instance, "") if group else ""

    def age(self, now: float) -> float:
        """Seconds since the look."""
        return now - self.seen.now


class Journal:
    """The last round. One thread writes, any may read: an entry is replaced whole."""

    def __init__(self) -> None:
        self.last: Entry | None = None

    def note(self, seen: Observed, action: Action) -> None:
        """Write down a round as soon as it is decided, before the step is taken."""
        self.last = Entry(seen=seen, action=action)
