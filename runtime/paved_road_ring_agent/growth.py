"""Growing by doubling: when newcomers may join, and when the others may drop what they gave away.

All newcomers of a doubling join at once. With as many replicas as racks each rack holds every row
once, so the nodes of a rack divide its ring among themselves whatever the other racks do; and a
doubling puts one newcomer between any two neighbors of a rack, so no two newcomers ever take from
the same node.
"""

from paved_road_ring_agent.facts import Birth, Claim, Phase, Slot
from paved_road_ring_agent.observed import TableFacts
from paved_road_ring_agent.succession import FRESH_SECONDS


def not_whole(table: TableFacts, now: float) -> str:
    """Why the ring is not whole as far as its members say; empty if it is.

    A newcomer that was cut off while it joined is seen down too, but nobody needs it yet: were it
    waited for, it would wait for itself.
    """
    members = {one.host_id for one in table.claims.values() if one.phase is Phase.JOINED}
    for slot, claim in sorted(table.claims.items()):
        if claim.phase is Phase.REPLACING:
            return f"{slot.subject} is being replaced"
        if claim.phase is Phase.JOINED and now - claim.renewed > FRESH_SECONDS:
            return f"{slot.subject} is silent"
        fresh = now - claim.renewed <= FRESH_SECONDS
        if fresh and (down := members.intersection(claim.down)):
            return f"{slot.subject} sees {len(down)} nodes down"
    return ""


def moved_away(table: TableFacts, birth: Birth, slot: Slot, claim: Claim) -> int:
    """The racks' size after a growth whose data this slot should drop; 0 if there is none.

    Only once every slot of the new size has joined: until then its copy is one of the replicas.
    """
    size = birth.base
    while any(other.index >= size for other in table.claims):
        size *= 2
    # After a restore a node that the ring grew by has its parent's data too.
    gave_away = slot.index < size // 2 or bool(birth.origin)
    if size == birth.base or claim.cleaned >= size or not gave_away:
        return 0
    wanted = birth.slots(slot.data_center, size)
    joined = all(one in table.claims and table.claims[one].phase is Phase.JOINED for one in wanted)
    return size if joined else 0
