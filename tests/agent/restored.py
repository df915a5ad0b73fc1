"""A world whose machines are all gone, and whose ring is to come back from its backup."""

import itertools
from dataclasses import replace

from paved_road_ring_agent.facts import Birth
from tests.agent.ring_roles import ELSEWHERE, RingRoles
from tests.agent.slots import Slots
from tests.agent.world import RACKS, World

ORIGIN = "rings/orders/us-east-1-g1/one/sets/20251125T130000Z.json"
_NUMBERS = itertools.count(1)


def destroy(world: World) -> None:
    """Every machine goes, with its disk; groups launch nothing before `begin`."""
    for machine in world.machines.values():
        if machine.running:
            world.terminate(machine.instance)
        machine.lifecycle = "gone"
    world.places.clear()
    world.roles = RingRoles()


def begin(world: World, origin: str = ORIGIN, per_rack: int = 1) -> Birth:
    """As the command does it: the birth, then what is gone is ended in its group.

    The ring was formed with one node per rack.
    """
    table = Slots(world.items)
    before = table.birth()
    incarnation = f"again-{next(_NUMBERS)}"
    birth = Birth(incarnation=incarnation, racks=RACKS, base=1, origin=origin, nodes=per_rack)
    assert table.begin_anew(birth, before)
    world.launch()
    return birth


def begin_from_elsewhere(world: World) -> Birth:
    """The same, from another data center's backup: its keyspaces come with it."""
    birth = begin(world)
    world.roles = RingRoles.of_another_data_center()
    world.items.clear()
    moved = replace(birth, came_from=ELSEWHERE)
    assert Slots(world.items).begin_anew(moved, None)
    return moved
