"""Which claims a look has to read: all of them, but for a founder that has no slot yet."""

from paved_road_ring_agent.facts import Birth, Claim, Slot
from paved_road_ring_agent.observed import Me
from paved_road_ring_agent.table import Table


def claims_to_look_at(table: Table, birth: Birth, me: Me) -> dict[Slot, Claim]:
    """The claims that matter to `me` now.

    While a ring forms, an instance of a rack that still has a free slot looks at its own rack
    alone: a thousand that read a thousand claims each before they take one would take minutes of
    what the table serves. Whoever holds a slot, or finds none free, sees all. Claims of lives
    before this one are among them. Raises `TableUnreachableError`.
    """
    if not birth.formed and me.rack in birth.racks:
        rack = [slot for slot in birth.slots(me.data_center) if slot.rack == me.rack]
        found = table.claims(rack)
        held = [one for one in found.values() if one.of(birth)]
        if len(held) < len(rack) and all(one.instance != me.instance for one in held):
            return found
    return table.every_claim(birth)
