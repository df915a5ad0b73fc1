"""Which survivors must agree on which ranges before a replacement becomes one of them.

A replacement streams each range from one replica. A row that a quorum acknowledged may be missing
on just that one, and with the replacement it would be missing on two of three: unreadable. So the
survivors of its ranges are repaired first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from paved_road_ring_agent.facts import Birth, Claim, Phase, Slot


@dataclass(frozen=True, kw_only=True)
class Task:
    """A range (`start`, `end`] and the slots of its other replicas, in the ring's order."""

    start: int
    end: int
    slots: tuple[Slot, ...]

    def survivors(self, lost: Iterable[Slot]) -> tuple[Slot, ...]:
        """Those whose data is there. The first of them runs the repair."""
        gone = frozenset(lost)
        return tuple(slot for slot in self.slots if slot not in gone)


def positions(claims: Mapping[Slot, Claim]) -> list[Slot]:
    """Slots that have a place in Cassandra's ring: those of members, and of members that are lost.

    A founder or a newcomer of a growth that has not joined has none yet.
    """
    return [slot for slot, one in claims.items() if one.phase in {Phase.JOINED, Phase.REPLACING}]


def without_data(
    claims: Mapping[Slot, Claim], terminated: frozenset[str] | None
) -> frozenset[Slot]:
    """Slots whose data is on no machine: not yet again, or gone with its instance."""
    ended = terminated or frozenset()
    return frozenset(
        slot
        for slot, claim in claims.items()
        if claim.phase is not Phase.JOINED or claim.instance in ended
    )


def repairs_before(birth: Birth, members: Iterable[Slot], replaced: Slot) -> list[Task]:
    """The ranges that a replacement of `replaced` will hold, in a fixed order.

    With as many replicas as racks, a range is held by the node of each rack that comes first from
    the range's end on (https://cassandra.apache.org/doc/5.0/cassandra/architecture/dynamo.html).
    So the ranges of a node are those after the token of its rack's node before it, and a ring that
    is half through a doubling is no special case.
    """
    ring = sorted({*members, replaced}, key=birth.token)
    place = ring.index(replaced)
    tasks: list[Task] = []
    for back in range(len(ring)):
        end = (place - back) % len(ring)
        if back and ring[end].rack == replaced.rack:
            break
        following = [ring[(end + step) % len(ring)] for step in range(len(ring))]
        first: dict[str, Slot] = {}
        for slot in following:
            first.setdefault(slot.rack, slot)
        tasks.append(
            Task(
                start=birth.token(ring[(end - 1) % len(ring)]),
                end=birth.token(ring[end]),
                slots=tuple(slot for slot in first.values() if slot != replaced),
            )
        )
    return tasks
