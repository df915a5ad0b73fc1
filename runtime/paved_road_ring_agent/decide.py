"""One step of an agent's life: a pure function of what it sees.

The same code runs on EC2, in the lab and in simulations. An agent acts only under a claim of the
current epoch; in doubt it waits or refuses and says why.
"""

from paved_road_ring_agent.actions import (
    Action,
    GiveBirth,
    LetGo,
    Refuse,
    Stop,
    TakeSlot,
    Wait,
)
from paved_road_ring_agent.choice import choose
from paved_road_ring_agent.facts import Birth, Slot
from paved_road_ring_agent.held import ENDING
from paved_road_ring_agent.holder import Holder
from paved_road_ring_agent.observed import Disk, Observed, TableFacts
from paved_road_ring_agent.succession import first, still_there, successor
from paved_road_ring_agent.tokens import ShapeError
from paved_road_ring_agent.words import not_vouched

WAITING_TO_END = tuple(f"{state}:Wait" for state in ENDING)


def decide(seen: Observed) -> Action:
    """The next step."""
    if seen.table is None:
        return _without_table(seen)
    for slot, claim in seen.table.claims.items():
        if claim.instance == seen.me.instance:
            if seen.table.birth is None:
                return Refuse(reason=f"{slot.subject} is claimed but no birth is on record")
            return Holder(
                seen=seen, table=seen.table, birth=seen.table.birth, slot=slot, claim=claim
            ).decide()
    return _lost(seen, seen.table) or _without_slot(seen, seen.table)


def _without_table(seen: Observed) -> Action:
    """Nodes that run serve on; one that stopped starts if its peers say that the slot is its."""
    if seen.cassandra.running:
        return Wait(reason="the slot table cannot be reached; the node serves on")
    known, disk = seen.known, seen.disk
    why = not_vouched(seen.me, disk, known, seen.words)
    if why or known is None or known.birth is None or disk is None:
        return Wait(reason=f"the slot table cannot be reached, and {why}")
    claim = known.claims[disk.slot]
    if claim.address != seen.me.address:
        return Wait(reason="the slot table cannot be reached to say that its address has changed")
    return Holder(
        seen=seen, table=known, birth=known.birth, slot=disk.slot, claim=claim, by_word=True
    ).decide()


def _lost(seen: Observed, table: TableFacts) -> Action | None:
    """A table that does not know this node's slot at all has lost it, and supersedes nobody."""
    if seen.disk is not None and seen.disk.slot in table.claims:
        return None
    if table.birth is not None and seen.disk is not None and seen.disk.slot in table.earlier:
        return _outlived(seen, seen.disk, table.birth)
    recorded = "no holder of this node's slot" if table.birth else "no ring"
    if seen.cassandra.running:
        return Refuse(
            reason=f"the slot table records {recorded}, yet this node runs: it serves on, "
            "and the table must be restored"
        )
    if seen.disk is not None and seen.disk.has_data:
        return Refuse(
            reason=f"the slot table records {recorded}, yet the disk holds "
            f"{seen.disk.slot.subject}: restore the table"
        )
    return None


def _outlived(seen: Observed, disk: Disk, birth: Birth) -> Action | None:
    """A node of a life of the ring that is over: a restore was begun since."""
    if not (seen.cassandra.running or disk.has_data):
        return None
    does = "serves on" if seen.cassandra.running else "never starts again"
    return Refuse(
        reason=f"the disk holds {disk.slot.subject} of incarnation {disk.incarnation}, and the "
        f"ring began anew from {birth.origin} as {birth.incarnation}: it {does}; end this instance"
    )


def _without_slot(seen: Observed, table: TableFacts) -> Action:
    if seen.cassandra.running:
        return Stop(reason="this instance holds no slot any more")
    if (
        seen.group
        and seen.group.instances.get(seen.me.instance) in WAITING_TO_END
        and not (seen.disk and seen.disk.has_data)
    ):
        return LetGo(group=seen.group.name, reason="it holds no slot and no data")
    if why := _not_fit_for_a_slot(seen, table):
        return Refuse(reason=why)
    if seen.group is None:
        return Wait(reason="the rack's group cannot be looked at")
    if table.birth is None:
        return _unborn(seen, seen.group.nodes)
    return _find_slot(seen, table, table.birth, seen.group.nodes)


def _not_fit_for_a_slot(seen: Observed, table: TableFacts) -> str:
    if seen.unfit or seen.disk is None or not seen.disk.has_data:
        return seen.unfit
    holder = table.claims.get(seen.disk.slot)
    who = f"{holder.instance} under epoch {holder.epoch}" if holder else "nobody on record"
    return (
        f"the disk holds {seen.disk.slot.subject} of epoch {seen.disk.epoch}, which {who} holds "
        "now: it never starts again"
    )


def _unborn(seen: Observed, nodes: int) -> Action:
    """A lost table must never form a living ring anew, empty."""
    if seen.me.waits_for_restore:
        return Wait(reason="this ring is to come back from a backup: `paved-road ring restore`")
    if seen.answering is None or seen.backups is None:
        return Wait(reason="whether this ring lives or has backups cannot be seen")
    if seen.answering:
        return Refuse(
            reason="the slot table records no ring, yet nodes of it answer at "
            f"{', '.join(sorted(seen.answering))}: restore the table instead of forming it anew"
        )
    if seen.backups:
        return Refuse(
            reason="the slot table records no ring, yet backups of it exist: restore it, or remove "
            "them knowingly"
        )
    return GiveBirth(base=nodes, reason="no ring is on record, none answers, none was backed up")


def _find_slot(seen: Observed, table: TableFacts, birth: Birth, nodes: int) -> Action:
    """A free slot of the own rack, or one whose holder is gone."""
    me = seen.me
    if me.rack not in birth.racks:
        return Refuse(reason=f"{me.rack} is no rack of this ring: {', '.join(birth.racks)}")
    try:
        birth.shape.check_size(nodes)
    except ShapeError as error:
        return Refuse(reason=f"the rack's group does not fit the ring: {error}")
    mine = [Slot(data_center=me.data_center, rack=me.rack, index=index) for index in range(nodes)]
    free = [slot for slot in mine if slot not in table.claims]
    lost = [slot for slot in free if slot.index < birth.founding and birth.formed]
    if lost:
        return Refuse(reason=f"{lost[0].subject} of a formed ring has no claim on record")
    if free:
        founding = [slot for slot in free if slot.index < birth.founding]
        slot = choose(me.instance, founding or free)
        return TakeSlot(
            slot=slot,
            claim=first(seen, table, birth, slot),
            reason="nobody held it since the ring was born",
        )
    held = {slot: still_there(seen, table, table.claims[slot]) for slot in mine}
    if gone := [slot for slot, why in held.items() if not why]:
        slot = choose(me.instance, gone)
        last = table.claims[slot]
        return TakeSlot(
            slot=slot,
            claim=successor(seen, birth, last),
            reason=f"{last.instance} is terminated, and no peer of it sees it up",
        )
    return Wait(reason="; ".join(f"{slot.subject}: {why}" for slot, why in held.items()))
