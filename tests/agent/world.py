"""A ring whose edges are plain values: agents, supervisors and their disks are the real ones.

DynamoDB, EC2, Auto Scaling and Cassandra are stand-ins that do what matters here: conditions on
writes are the real table's own, evaluated here; a Cassandra takes a few ticks to become normal.
`Edges` counts what an agent does to the world and can kill it after any such step.
"""

import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from paved_road_ring_agent import supervisor as supervising
from paved_road_ring_agent.agent import Agent
from paved_road_ring_agent.cleanup import Cleanup
from paved_road_ring_agent.contract import (
    CLAIM,
    LAUNCH_HOOK,
    PARTITION_KEY,
    SORT_KEY,
    TERMINATION_HOOK,
    NodeFile,
)
from paved_road_ring_agent.cql import Cql, Way
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Birth, Claim, Phase, Slot
from paved_road_ring_agent.keyring import Keyring
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.memory import Memory
from paved_road_ring_agent.observe import Observer
from paved_road_ring_agent.observed import Group, Me, Member, Status
from paved_road_ring_agent.perform import Performer
from paved_road_ring_agent.supervisor import Supervisor
from paved_road_ring_agent.table import Table
from paved_road_ring_agent.tuning import Tuning
from paved_road_ring_agent.upkeep import Upkeep
from paved_road_ring_agent.vault import Credential
from tests.agent.ring_roles import HeldKeys, NoUpkeep, RingRoles

DC, RACKS = "us-east-1-g1", ("a", "b", "c")
TICK_SECONDS = 2.0
NORMAL_AFTER = 2
"""Ticks until a Cassandra that was started is normal."""


DOOMED = -1
"""When a repair began that names a host that is down."""

READS = {
    "admits_clients",
    "all_claims",
    "backups",
    "birth",
    "claim",
    "claims",
    "group_of",
    "instances",
    "keyspaces",
    "lease",
    "members",
    "repair",
    "repair_state",
}
"""Steps that leave no trace: a kill after one is a kill after the last step that did."""


class Killed(BaseException):
    """kill -9, so nothing may catch it."""


@dataclass
class Edges:
    """Steps of one agent that the world saw; it is killed after number `kill_at`."""

    kill_at: int = 0
    count: int = 0
    names: list[str] = field(default_factory=list)

    def passed(self, name: str) -> None:
        """The step was taken; what it returns may never arrive."""
        if name in READS:
            return
        self.count += 1
        self.names.append(name)
        if self.count == self.kill_at:
            raise Killed(name)

    def around(self, target: Any) -> Any:
        """`target`, with every call of its public methods counted."""
        return _Watched(target, self)


class _Watched:
    def __init__(self, target: Any, edges: Edges) -> None:
        self._target, self._edges = target, edges

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            answer = found(*given, **named)
            self._edges.passed(name)
            return answer

        return call


class Slots(Table):
    """The real table's reads, writes and conditions over a dictionary."""

    def __init__(self, items: dict[tuple[str, str], dict[str, Any]]) -> None:
        self._items = items
        self._data_center, self._ring = DC, f"ring#{DC}"

    def _read(self, kind: Any, subject: str, fact: str) -> Any:
        from paved_road_ring_agent.facts import from_item

        item = self._items.get((subject, fact))
        return None if item is None else from_item(kind, item)

    def _batch(self, subjects: list[str]) -> list[Mapping[str, Any]]:
        return [
            self._items[subject, CLAIM] for subject in subjects if (subject, CLAIM) in self._items
        ]

    def _write(
        self,
        subject: str,
        fact: str,
        value: Any,
        condition: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
    ) -> bool:
        from paved_road_ring_agent.facts import to_item

        item = self._items.get((subject, fact))
        if not holds(condition, item, values, names or {}):
            return False
        self._items[subject, fact] = {PARTITION_KEY: subject, SORT_KEY: fact, **to_item(value)}
        return True


def holds(
    condition: str, item: dict[str, Any] | None, values: Mapping[str, Any], names: Mapping[str, str]
) -> bool:
    """DynamoDB's conditions as far as the table uses them: a missing item meets no comparison."""
    return any(
        all(_term(term.strip(), item, values, names) for term in part.split(" AND "))
        for part in condition.split(" OR ")
    )


def _term(
    term: str, item: dict[str, Any] | None, values: Mapping[str, Any], names: Mapping[str, str]
) -> bool:
    if term == f"attribute_not_exists({SORT_KEY})":
        return item is None
    match = re.fullmatch(r"(size\()?([#\w]+)\)? ([=<]) (:\w+)", term)
    assert match, f"a condition that this stand-in does not know: {term}"
    if item is None:
        return False
    sized, name, operator, value = match.groups()
    found = item[names.get(name, name)]
    left = len(found) if sized else found
    return bool(left == values[value] if operator == "=" else left < values[value])


@dataclass
class Database:
    """A Cassandra process."""

    pid: int
    epoch: int
    host_id: str
    address: str
    replaces: str
    born: int
    alive: bool = True
    drained: bool = False
    door: Door = Door.OPEN
    repairs: dict[int, int] = field(default_factory=dict)


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
        layout = machine.layout
        me = Me(
            instance=machine.instance,
            address=machine.address,
            data_center=DC,
            rack=machine.rack,
        )
        edges = machine.edges
        table, cloud = edges.around(Slots(self.items)), edges.around(Cloud(self))
        memory = Memory(layout)
        observer = Observer(
            me=me,
            layout=layout,
            table=table,
            cloud=cloud,
            clock=self.clock,
            memory=memory,
            manage=lambda *_: edges.around(Beans(self, machine)),
            ask=lambda *_: {},
            gossips=lambda address: any(
                one.alive and one.address == address for one in self.databases.values()
            ),
        )
        performer = Performer(
            me=me,
            node=NODE,
            layout=layout,
            table=table,
            cloud=cloud,
            tuning=Tuning(heap_mib=1),
            clock=self.clock,
            keyring=cast("Keyring", HeldKeys(layout.certificates)),
            leases=Leases(
                table=table, holder=machine.instance, clock=self.clock, elapsed=self.clock
            ),
            manage=lambda *_: edges.around(Beans(self, machine)),
            open=lambda way, credential: self._open(machine, way, credential),
            cleanup=AtOnce(),
        )
        machine.agent = machine.agent or Agent(
            observer, performer, table, memory, cast("Upkeep", NoUpkeep())
        )
        machine.supervisor = machine.supervisor or Supervisor(layout, Slots(self.items))

    def clock(self) -> float:
        """Seconds."""
        return self.time * TICK_SECONDS

    @contextmanager
    def _open(self, machine: Machine, way: Way, credential: Credential) -> Iterator[Cql]:
        database = machine.database
        if database is None or not database.alive or database.door is Door.CLOSED:
            raise NodeSilentError("nothing listens")
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
        if not marker.exists():
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


NODE = NodeFile(
    estate="acme",
    ring="orders",
    region="us-east-1",
    data_center=DC,
    rack="a",
    racks=RACKS,
    slot_table="slots",
    log_group="logs",
    backup_bucket=None,
)


class Cloud:
    """EC2 and Auto Scaling."""

    def __init__(self, world: World) -> None:
        self._world = world

    def group_of(self, instance: str) -> Group | None:
        machine = self._world.machines[instance]
        if machine.lifecycle == "gone":
            return None
        members = {
            one.instance: one.lifecycle
            for one in self._world.machines.values()
            if one.rack == machine.rack and one.lifecycle != "gone"
        }
        return Group(name=machine.rack, nodes=self._world.sizes[machine.rack], instances=members)

    def instances(self, state: str) -> dict[str, str] | None:
        return {
            one.instance: one.address
            for one in self._world.machines.values()
            if one.running == (state == "running")
        }

    def backups(self) -> bool | None:
        return False

    def enter_service(self, group: str, instance: str) -> None:
        assert self._world.machines[instance].rack == group
        self._world.machines[instance].lifecycle = "InService"

    def complete(self, group: str, hook: str, instance: str, result: str) -> None:
        machine = self._world.machines[instance]
        assert (machine.rack, hook, result) == (group, TERMINATION_HOOK, "CONTINUE")
        assert hook != LAUNCH_HOOK
        assert machine.database is None or not machine.database.alive
        self._world.terminate(instance)
        machine.lifecycle = "gone"

    def replace(self, instance: str) -> None:
        self._world.end_in_group(instance)


class Beans:
    """The own Cassandra's management."""

    def __init__(self, world: World, machine: Machine) -> None:
        self._world, self._machine = world, machine

    @property
    def _database(self) -> Database:
        found = self._machine.database
        if found is None or not found.alive:
            raise NodeSilentError("nothing runs")
        return found

    def members(self) -> tuple[str, dict[str, Member], bool]:
        own, world = self._database, self._world
        alive = {
            database.host_id
            for database in world.databases.values()
            if database.alive and not database.drained
        }
        members = {
            host_id: Member(
                address=address, host_id=host_id, status=Status.NORMAL, alive=host_id in alive
            )
            for host_id, address in world.places.items()
        }
        normal = world.places.get(own.host_id) == own.address and not own.drained
        return own.host_id, members, normal

    def admits_clients(self) -> bool:
        return self._database.door is not Door.CLOSED

    def start_native_transport(self) -> None:
        assert self._world.roles.ready, "clients would meet Cassandra's own superuser"
        self._database.door = Door.OPEN

    def drain(self) -> None:
        self._database.drained = True

    def keyspaces(self) -> list[str]:
        return ["shop"]

    def begin_repair(self, keyspace: str, start: int, end: int, hosts: tuple[str, ...]) -> int:
        assert keyspace
        assert start != end
        alive = {one.address for one in self._world.databases.values() if one.alive}
        number = len(self._database.repairs) + 1
        self._database.repairs[number] = self._world.time if {*hosts} <= alive else DOOMED
        return number

    def begin_own_repair(self, keyspace: str) -> int:
        assert keyspace == "system_auth"
        return 0

    def repair_state(self, number: int) -> tuple[str, str]:
        began = self._database.repairs[number]
        if began == DOOMED:
            return "FAILED", "one of the hosts is down"
        return ("COMPLETED" if self._world.time - began > 1 else "IN_PROGRESS"), ""

    def clean_up(self) -> None:
        assert self._database.alive
        self._world.cleaned.append(self._machine.instance)


class FakeProcess:
    """Stands for `process.Process`."""

    def __init__(self, world: World, pid: int) -> None:
        self._world, self.pid, self.started = world, pid, 1

    @property
    def alive(self) -> bool:
        found = self._world.databases.get(self.pid)
        return found is not None and found.alive

    def end(self, _patience: float) -> None:
        if self.alive:
            self._world.databases[self.pid].alive = False


class FakeChild:
    """Stands for `subprocess.Popen`."""

    def poll(self) -> None:
        return None


class AtOnce(Cleanup):
    """A cleanup that takes no time."""

    def step(self, run: Callable[[], None]) -> bool:
        run()
        return True


def outcome(world: World) -> dict[str, tuple[int, str, int]]:
    """What must be the same however often somebody was killed: by slot, epoch, phase, cleaned."""
    return {
        slot.subject: (claim.epoch, str(claim.phase), claim.cleaned)
        for slot, claim in sorted(world.claims().items())
    }


def birth_of(world: World) -> Birth:
    found = Slots(world.items).birth()
    assert found
    return found
