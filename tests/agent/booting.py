"""An agent put together as its `main` does it, over edges that are plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from paved_road_ring_agent.agent import Agent
from paved_road_ring_agent.filling import Filling
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.memory import Memory
from paved_road_ring_agent.observe import Observer
from paved_road_ring_agent.observed import Me
from paved_road_ring_agent.perform import Performer
from paved_road_ring_agent.tuning import Tuning
from tests.agent.ring_roles import HeldKeys, NoUpkeep
from tests.agent.scenes import NODE
from tests.agent.slots import DC, Slots
from tests.agent.stand_ins import AtOnce, Beans, Cloud

if TYPE_CHECKING:
    from paved_road_ring_agent.keyring import Keyring
    from paved_road_ring_agent.upkeep import Upkeep
    from tests.agent.world import Machine, World


def agent_of(world: World, machine: Machine) -> Agent:
    """A new agent over the machine's disk."""
    layout = machine.layout
    me = Me(
        instance=machine.instance,
        address=machine.address,
        data_center=DC,
        rack=machine.rack,
        software=machine.software,
    )
    edges = machine.edges
    table, cloud = edges.around(Slots(world.items)), edges.around(Cloud(world))
    memory = Memory(layout)
    observer = Observer(
        me=me,
        layout=layout,
        table=table,
        cloud=cloud,
        clock=world.clock,
        memory=memory,
        manage=lambda *_: edges.around(Beans(world, machine)),
        ask=lambda *_: {},
        gossips=lambda address: any(
            one.alive and one.address == address for one in world.databases.values()
        ),
    )
    performer = Performer(
        me=me,
        node=NODE,
        layout=layout,
        table=table,
        cloud=cloud,
        tuning=Tuning(heap_mib=1),
        clock=world.clock,
        keyring=cast("Keyring", HeldKeys(layout.certificates)),
        leases=Leases(table=table, holder=machine.instance, clock=world.clock, elapsed=world.clock),
        manage=lambda *_: edges.around(Beans(world, machine)),
        open=lambda way, credential: world.open(machine, way, credential),
        cleanup=AtOnce(),
        filling=Filling(
            layout=layout,
            table=table,
            clock=world.clock,
            fetch=lambda _: world.backups.fetch(machine),
            software=machine.software,
            work=AtOnce,
        ),
        repair_seconds=0.0,
    )
    return Agent(observer, performer, table, memory, cast("Upkeep", NoUpkeep()))
