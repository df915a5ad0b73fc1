"""Which survivors must agree on which ranges before a replacement becomes one of them.

A replacement streams each range from one replica. A row that a quorum acknowledged may be missing
on just that one, and with the replacement it would be missing on two of three: unreadable. So the
survivors of its ranges are repaired first.
"""

from dataclasses import dataclass

from paved_road_ring_agent.facts import Birth, Slot


@dataclass(frozen=True, kw_only=True)
class Task:
    """A range (`start`, `end`] in which `slots` are the surviving replicas.

    The first of them runs the repair.
    """

    start: int
    end: int
    slots: tuple[Slot, ...]


def repairs_before(
    birth: Birth, data_center: str, nodes_per_rack: int, replaced: Slot
) -> list[Task]:
    """The repairs that a replacement of `replaced` waits for, in a fixed order.

    With as many replicas as racks and the racks in turn, a range's replicas are the node that ends
    it and the following ones, one of each rack. Ranges with fewer than two survivors have nothing
    to agree on.
    """
    ring = sorted(birth.slots(data_center, nodes_per_rack), key=birth.token)
    racks, place = len(birth.racks), ring.index(replaced)
    tasks: list[Task] = []
    for back in range(racks):
        end = place - back
        replicas = [ring[(end + step) % len(ring)] for step in range(racks)]
        survivors = tuple(slot for slot in replicas if slot != replaced)
        if len(survivors) > 1:
            tasks.append(
                Task(
                    start=birth.token(ring[(end - 1) % len(ring)]),
                    end=birth.token(ring[end % len(ring)]),
                    slots=survivors,
                )
            )
    return tasks
