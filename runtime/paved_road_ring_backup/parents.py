"""Which slot's backup a slot starts from: its own, unless the ring has doubled or moved since."""

from paved_road_ring_agent.facts import Birth, Slot
from paved_road_ring_backup.ring_manifest import RingManifest


def source(manifest: RingManifest, birth: Birth, slot: Slot) -> Slot:
    """The slot of the backup whose files `slot` of the ring that comes back starts from.

    Racks of another data center correspond by their place among the tokens, which are the same.
    """
    own = parent(birth, slot, manifest.nodes_per_rack)
    rack = manifest.racks[birth.racks.index(own.rack)]
    return Slot(data_center=manifest.past.data_center, rack=rack, index=own.index)


def parent(birth: Birth, slot: Slot, nodes_per_rack: int) -> Slot:
    """Whose data `slot` had when racks had `nodes_per_rack` nodes; its own, if it was there.

    With as many replicas as racks every rack has a whole copy, and within the rack a node holds
    what lies between its neighbor's token before it and its own. A new node's token splits such a
    range, so its data is its rack's next one's: the same slot for any number of doublings.
    """
    if slot.index < nodes_per_rack:
        return slot
    token = birth.token(slot)
    in_rack = (
        Slot(data_center=slot.data_center, rack=slot.rack, index=index)
        for index in range(nodes_per_rack)
    )
    return min(in_rack, key=lambda one: (birth.token(one) < token, birth.token(one)))
