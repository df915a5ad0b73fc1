"""What stands in for AWS and Cassandra in a world: just what an agent looks at and changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from paved_road_ring_agent.beside import Beside
from paved_road_ring_agent.contract import (
    LAUNCH_HOOK,
    TERMINATION_HOOK,
)
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.filling import FillFailedError
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.observed import Group, Member, Status

if TYPE_CHECKING:
    from tests.agent.world import Machine, World

DOOMED = -1
"""When a repair began that names a host that is down."""


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


class Backups:
    """What every slot's disk is filled with, in two pieces. `fault`: one of them is corrupt."""

    fault = ""
    FILES = ("data/shop/orders-1/one", "data/shop/orders-1/two")

    def fetch(self, machine: Machine) -> None:
        for name in self.FILES:
            file = machine.layout.cassandra / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("rows")
            machine.edges.passed(f"fetched {name}")
            if self.fault:
                raise FillFailedError(self.fault)

    def whole_on(self, layout: Layout) -> bool:
        return all((layout.cassandra / name).exists() for name in self.FILES)


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
        if keyspace == "system_auth":
            return 0
        assert not self._world.roles.ready, "clients may have been let in before"
        assert not self._world.roles.misplaced, "it would repair nothing: it is nobody's replica"
        self._world.repaired.append(self._machine.instance)
        alive = tuple(one for one in self._world.places.values())
        return self.begin_repair(keyspace, 0, 1, alive)

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


class AtOnce(Beside):
    """Long work that takes no time."""

    def __init__(self) -> None:
        super().__init__("work")

    def step(self, run: Callable[[], object]) -> bool:
        try:
            run()
        except FillFailedError as error:
            self.fault = str(error)
            return False
        return True
