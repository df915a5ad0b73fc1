"""A ring whose edges are plain values: agents, supervisors and their disks are the real ones.

DynamoDB, EC2, Auto Scaling and Cassandra are stand-ins that do what matters here: conditions on
writes are the real table's own, evaluated here; a Cassandra takes a few ticks to become normal.
`Edges` counts what an agent does to the world and can kill it after any such step.
"""

import itertools
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paved_road_ring_agent import supervisor as supervising
from paved_road_ring_agent.agent import Agent
from paved_road_ring_agent.cql import Cql, Way
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Claim, Phase, Slot
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.supervisor import Supervisor
from paved_road_ring_agent.vault import Credential
from tests.agent.booting import agent_of
from tests.agent.edges import Edges, Killed
from tests.agent.ring_roles import RingRoles
from tests.agent.slots import Slots
from tests.agent.stand_ins import Backups, Database, FakeChild, FakeProcess

RACKS = ("a", "b", "c")
TICK_SECONDS = 2.0
NORMAL_AFTER = 2
"""Ticks until a Cassandra that was started is normal."""


@dataclass
class Machine:
    """One instance: its disk, its lifecycle state in its group, and what runs on it."""

    instance: str
    address: str
    rack: str
    layout: Layout
    lifecycle: str = "Pending:Wait"
    running: bool = True
    database: Database | None = None
    agent: Agent | None = None
    supervisor: Supervisor | None = None
    edges: Edges = field(default_factory=Edges)
    software: str = "5.0.9-0123456789ab"


class World:
    """All of it. `tick` lets every machine act once."""

    def __init__(self, root: Path, per_rack: int) -> None:
        self.root, self.time = root, 0
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.sizes = dict.fromkeys(RACKS, per_rack)
        self.machines: dict[str, Machine] = {}
        self.databases: dict[int, Database] = {}
        self.places: dict[str, str] = {}
        self.cleaned: list[str] = []
        self.repaired: list[str] = []
        self.backups = Backups()
        self.roles = RingRoles()
        self.acting: Machine | None = None
        self._numbers = itertools.count(1)
        self.bundle = root / "bundle"
        (self.bundle / "lib").mkdir(parents=True)
        (self.bundle / "lib/jolokia-agent-jvm-1-javaagent.jar").touch()
        self.launch()

    # EC2 and its groups

    def launch(self) -> None:
        """Groups launch what they lack; terminated members count until somebody ends them there."""
        for rack, size in self.sizes.items():
            while len([m for m in self.machines.values() if self._counts(m, rack)]) < size:
                number = next(self._numbers)
                instance = f"i-{rack}{number}"
                layout = Layout(root=self.root / instance, bundle=self.bundle)
                self.machines[instance] = Machine(instance, f"10.0.0.{number}", rack, layout)

    def _counts(self, machine: Machine, rack: str) -> bool:
        return machine.rack == rack and machine.lifecycle in {"Pending:Wait", "InService"}

    def terminate(self, instance: str) -> None:
        """The machine is lost with its disk; the group, whose processes are suspended, waits."""
        machine = self.machines[instance]
        machine.running = False
        if machine.database:
            machine.database.alive = False
        machine.agent = machine.supervisor = None
        shutil.rmtree(machine.layout.root, ignore_errors=True)

    def end_in_group(self, instance: str) -> None:
        """Somebody asks the group to end it: a living one drains first."""
        machine = self.machines[instance]
        machine.lifecycle = "Terminating:Wait" if machine.running else "gone"
        self.launch()

    # Time

    def tick(self) -> None:
        """Every machine's supervisor and agent act once; databases come up."""
        self.time += 1
        for database in self.databases.values():
            joined = database.alive and self.time - database.born >= NORMAL_AFTER
            if joined and self.places.get(database.host_id) != database.address:
                self._join(database)
        for machine in list(self.machines.values()):
            if machine.running:
                self._act(machine)

    def _join(self, database: Database) -> None:
        if database.replaces:
            old = [one for one, at in self.places.items() if at == database.replaces]
            for host_id in old:
                del self.places[host_id]
        self.places[database.host_id] = database.address

    def _act(self, machine: Machine) -> None:
        if machine.agent is None or machine.supervisor is None:
            self.boot(machine)
        assert machine.agent
        assert machine.supervisor
        machine.supervisor.tick()
        self.acting = machine
        try:
            machine.agent.round()
        except Killed:
            machine.agent = None
        finally:
            self.acting = None

    def reboot(self, machine: Machine) -> None:
        """The power goes and comes back: processes and /run are gone, the disk stays."""
        if machine.database:
            machine.database.alive = False
        machine.agent = machine.supervisor = None
        shutil.rmtree(machine.layout.run, ignore_errors=True)

    def boot(self, machine: Machine) -> None:
        """Start what does not run: a new agent and a new supervisor over the same disk."""
        machine.agent = machine.agent or agent_of(self, machine)
        machine.supervisor = machine.supervisor or Supervisor(machine.layout, Slots(self.items))

    def clock(self) -> float:
        """Seconds."""
        return self.time * TICK_SECONDS

    @contextmanager
    def open(self, machine: Machine, way: Way, credential: Credential) -> Iterator[Cql]:
        """A session with the machine's database."""
        database = machine.database
        if database is None or not database.alive or database.door is Door.CLOSED:
            raise NodeSilentError("nothing listens")
        if database.door is Door.UNLOCKED:
            yield machine.edges.around(self.roles)
            return
        with self.roles.open(way, credential) as cql:
            yield machine.edges.around(cql)

    # Cassandra

    def start(self, command: tuple[str, ...], log: Path) -> tuple[Any, Any]:
        """What the supervisor starts, on the machine whose log it is."""
        machine = next(m for m in self.machines.values() if m.layout.logs == log.parent)
        yaml = json.loads((machine.layout.configuration / "cassandra.yaml").read_text())
        permit = supervising.Permit.load(machine.layout)
        assert permit
        marker = machine.layout.cassandra / "commitlog/CommitLog-1.log"
        marker.parent.mkdir(parents=True, exist_ok=True)
        empty = not marker.exists()
        if empty:
            marker.write_text(f"host-{next(self._numbers)}")
        replaces = [
            word.partition("=")[2]
            for word in command
            if word.startswith("-Dcassandra.replace_address_first_boot=")
        ]
        assert yaml["listen_address"] == machine.address
        database = Database(
            pid=next(self._numbers),
            epoch=permit.epoch,
            host_id=marker.read_text(),
            address=machine.address,
            replaces="".join(replaces),
            born=self.time,
            door=Door(permit.door),
        )
        others = [one for one in self.places.values() if one != machine.address]
        founding = not yaml["auto_bootstrap"]
        assert founding or others, "it would stream from nobody"
        birth = Slots(self.items).birth()
        if founding and empty and birth and birth.origin:
            assert self.backups.whole_on(machine.layout), "it would start without its rows"
        self.databases[database.pid] = machine.database = database
        return FakeProcess(self, database.pid), FakeChild()

    # What tests ask

    def claims(self) -> dict[Slot, Claim]:
        table = Slots(self.items)
        birth = table.birth()
        return table.all_claims(birth) if birth else {}

    def settled(self, per_rack: int) -> bool:
        """Whether every slot has a member that runs, in service, and the ring is open."""
        birth, claims = Slots(self.items).birth(), self.claims()
        return bool(
            birth
            and birth.formed
            and self.roles.ready
            and len(claims) == per_rack * len(RACKS)
            and all(claim.phase is Phase.JOINED for claim in claims.values())
            and all(self._serves(claim) for claim in claims.values())
            and set(self.places.values()) == {claim.address for claim in claims.values()}
        )

    def _serves(self, claim: Claim) -> bool:
        machine = self.machines[claim.instance]
        database = machine.database
        return bool(
            machine.running
            and machine.lifecycle == "InService"
            and database
            and database.alive
            and not database.drained
            and database.door is Door.OPEN
            and self.places.get(database.host_id) == machine.address
        )

    def until(self, true: Callable[[], bool], ticks: int = 200) -> None:
        for _ in range(ticks):
            if true():
                return
            self.tick()
        said = [
            f"{m.instance} {m.lifecycle}: {m.agent and m.agent.last}"
            for m in self.machines.values()
        ]
        raise AssertionError("\n".join(["it did not settle", *said]))
