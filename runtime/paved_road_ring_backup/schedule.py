"""When a node backs itself up: by its agent's last look, at its own time of the hour."""

from dataclasses import dataclass

from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Birth, Claim, Phase, Slot
from paved_road_ring_agent.journal import STALE_SECONDS, Entry
from paved_road_ring_backup.keys import Past

EVERY_SECONDS = 3_600
"""Between a node's runs. Each flushes all tables, and small files are compacted again: more often
costs writes. What lies between two runs is lost with all replicas at once."""


@dataclass(frozen=True, kw_only=True)
class Held:
    """A slot whose node may back itself up now, and the ring that it is of."""

    slot: Slot
    claim: Claim
    birth: Birth
    claims: dict[Slot, Claim]

    def past(self, ring: str) -> Past:
        """Whose backups its node's are; `ring` is the ring's name."""
        return Past(
            ring=ring,
            data_center=self.slot.data_center,
            incarnation=self.birth.incarnation,
        )


def held(entry: Entry | None, now: float) -> Held | None:
    """What the node holds, if it is a member of a ring that admits clients; else None.

    A node that is still filled, or that runs under an epoch that is not its claim's, has nothing
    that a ring could be restored from.
    """
    if entry is None or entry.held is None or entry.age(now) > STALE_SECONDS:
        return None
    table, (slot, claim), cassandra = entry.seen.table, entry.held, entry.seen.cassandra
    if table is None or table.birth is None or not table.birth.formed:
        return None
    serves = cassandra.normal and cassandra.door is Door.OPEN and cassandra.epoch == claim.epoch
    if not serves or claim.phase is not Phase.JOINED:
        return None
    return Held(slot=slot, claim=claim, birth=table.birth, claims=dict(table.claims))


def due(
    found: Held, last: float | None, now: float, *, asked: float = 0, every: int = EVERY_SECONDS
) -> bool:
    """Whether it is time again; at once for a node without a run since somebody `asked` for one.

    Slots take turns over the hour, so that a ring never flushes all its tables at the same time.
    """
    if last is None or last < asked <= now:
        return True
    slots = sorted(found.claims)
    offset = every * slots.index(found.slot) // len(slots)
    return int(now - offset) // every > int(last - offset) // every
