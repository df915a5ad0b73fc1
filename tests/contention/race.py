"""A thousand agents that want a slot at the same moment: real decisions, a real table."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

from paved_road_ring_agent.actions import GiveBirth, TakeSlot
from paved_road_ring_agent.cloud import Cloud
from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.facts import Claim, Slot
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.memory import Memory
from paved_road_ring_agent.observe import Observer
from paved_road_ring_agent.observed import Group, Me
from paved_road_ring_agent.perform import Performer
from paved_road_ring_agent.table import Table
from paved_road_ring_agent.tuning import Tuning
from tests.contention.dynamodb import DC, TABLE, tables
from tests.nodes import NODE

CONNECTIONS, LOOKS = 64, 100


@dataclass(frozen=True, kw_only=True)
class Race:
    """What came of it. `tries` are conditional writes to a slot, by instance."""

    claims: dict[Slot, Claim]
    tries: Counter[str]
    seconds: float

    @property
    def claims_per_second(self) -> float:
        """Slots that found their holder, with all that each holder had to read for it."""
        return len(self.claims) / self.seconds


@dataclass(kw_only=True)
class Rack:
    """Stands for the cloud: a group that has all its instances, and nobody who ended."""

    nodes: int
    instances_of_it: dict[str, str] = field(default_factory=dict)

    def group_of(self, _instance: str) -> Group:
        """The same for all of them."""
        return Group(name="rack", nodes=self.nodes, instances={})

    def backups(self) -> bool:
        """None."""
        return False

    def instances(self, _state: str) -> dict[str, str]:
        """None that runs elsewhere or was terminated."""
        return self.instances_of_it


def race(endpoint: str, *, racks: int, per_rack: int, connections: int = CONNECTIONS) -> Race:
    """Let `racks` x `per_rack` agents find their slots, from the ring's birth on."""
    names = tuple(f"us-east-1{chr(ord('a') + number)}" for number in range(racks))
    node = replace(NODE, data_center=DC, rack=names[0], racks=names, slot_table=TABLE)
    agents = [
        Me(instance=f"i-{rack}-{number:04d}", address="10.0.0.1", data_center=DC, rack=rack)
        for number in range(per_rack)
        for rack in names
    ]
    tries: Counter[str] = Counter()
    cloud, idle = Rack(nodes=per_rack), SimpleQueue[Table]()
    for table in tables(endpoint, connections):
        idle.put(table)

    def live(me: Me) -> None:
        table = idle.get()
        tries[me.instance] = _find_slot(me, node, table, cast("Cloud", cloud))
        idle.put(table)

    began = time.monotonic()
    with ThreadPoolExecutor(connections) as pool:
        for _ in pool.map(live, agents):
            pass
    seconds = time.monotonic() - began
    table = idle.get()
    birth = table.birth()
    assert birth is not None
    return Race(claims=table.all_claims(birth), tries=tries, seconds=seconds)


def _find_slot(me: Me, node: NodeFile, table: Table, cloud: Cloud) -> int:
    """Rounds as the agent's, until it holds a slot; how often it tried for one."""
    layout = Layout(root=Path("/nonexistent"), bundle=Path("/nonexistent"))
    parts: dict[str, Any] = {"me": me, "layout": layout, "table": table, "cloud": cloud}
    observer = Observer(**parts, clock=time.time, memory=Memory(layout), ask=lambda *_: {})
    unused: dict[str, Any] = dict.fromkeys(("keyring", "leases", "filling"))
    performer = Performer(**parts, **unused, node=node, tuning=Tuning(heap_mib=1), clock=time.time)
    tries = 0
    for _ in range(LOOKS):
        action = decide(observer.look())
        assert isinstance(action, (GiveBirth, TakeSlot)), action
        performer.perform(action)
        if isinstance(action, TakeSlot):
            tries += 1
            held = table.claim(action.slot)
            if held is not None and held.instance == me.instance:
                return tries
    raise AssertionError(f"{me.instance} found no slot in {LOOKS} looks")
