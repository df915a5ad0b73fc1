"""One node of three after another is lost with its disk and replaced, in one way or another."""

import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cassandra import ConsistencyLevel

from bench.bare_ring import BareNode, BareRing, wait
from bench.replaced_rows import Probe, Rows, session
from bench.replacement_ways import Result, Way
from bench.rings import RACKS, REPLICATED, found, repair, require
from paved_road_ring_agent.facts import Birth, Slot
from paved_road_ring_agent.repair import Task, repairs_before
from paved_road_ring_backup.snapshots import Snapshots

BIRTH = Birth(incarnation="bench", racks=RACKS, base=1)
SLOTS = [Slot(data_center="bench", rack=rack, index=0) for rack in RACKS]
LOST = SLOTS[2]
RING_DELAY_MS = 3_000
STALE, LATE, DELETED = 50, 25, 25
"""Rows that one survivor never saw, rows written after the death, rows deleted after the backup."""
RENUMBERED = 1_000_000
FIRST_MOMENT = 1_700_000_000
FORGOTTEN_SECONDS = 6
"""Longer than the time (2 s) after which a write that waits for its replica is dropped."""


@dataclass
class Story:
    """The ring, what was acknowledged, and the number of the node that will be lost next."""

    ring: BareRing
    rows: Rows
    backups: Path
    number: int = 3
    moment: int = FIRST_MOMENT

    def begin(self) -> None:
        """Three nodes with all rows."""
        found(self.ring, BIRTH, SLOTS, RING_DELAY_MS)
        with session([self.ring.address(1)]) as cql:
            self.rows.make(cql)

    @property
    def survivors(self) -> list[BareNode]:
        """They stay the same all the time."""
        return [self.ring.nodes[1], self.ring.nodes[2]]

    def replace(self, way: Way, changed: int) -> Result:
        """Back up, write, lose, write, and replace."""
        result = Result(way=way.name, changed=changed)
        known = set(self.files(self.survivors[0]))
        backup = self.backups / str(self.number)
        copy(self.files(self.ring.nodes[self.number]), backup)
        result.node_bytes = sum(file.stat().st_size for file in backup.rglob("*-Data.db"))
        touched = self.write_after_backup(changed)
        lost = self.ring.lose(self.number)
        wait(lambda: all(one.sees_down(lost.address) for one in self.survivors))
        with session([self.ring.address(1)]) as cql:
            touched += self.late(cql)
        before = [streamed(one) for one in self.survivors]
        probe = Probe(self.rows, touched, [one.address for one in self.survivors])
        with probe.running():
            node = self._replace(way, lost.address, backup, known, probe, result)
            looks = probe.looks
            wait(lambda: probe.looks > looks + 1 or bool(probe.faults))
        result.wrong_at_quorum, result.looks_at_quorum = probe.most_wrong, probe.looks
        after = [streamed(one) for one in (*self.survivors, node)]
        names = ("one survivor", "other survivor", "replacement")
        result.streamed = {
            name: now - then for name, now, then in zip(names, after, [*before, 0], strict=True)
        }
        with session([node.address], ConsistencyLevel.ONE) as cql:
            result.wrong_at_end = self.rows.wrong(cql, range(self.rows.count))
        return result

    def _replace(
        self, way: Way, lost: str, backup: Path, known: set[str], probe: Probe, result: Result
    ) -> BareNode:
        """What is measured: from the death, as it was seen, until the replacement has all."""
        began = time.monotonic()
        if way.repair_first:
            for task in self.tasks():
                repair(self.survivors, task.start, task.end)
        result.agreed_s = time.monotonic() - began
        self.number += 1
        data = self.ring.place(self.number) / "data"
        if way.fill:
            shutil.copytree(backup, data)
        if way.take_new:
            new = {
                path: file
                for path, file in self.files(self.survivors[0]).items()
                if path not in known and not path.startswith("system_schema")
            }
            result.new_file_bytes = sum(file.stat().st_size for file in new.values())
            copy({renumbered(path): file for path, file in new.items()}, data)
        node = self.start(lost, way)
        result.normal_s = time.monotonic() - began
        probe.addresses.append(node.address)
        with session([node.address], ConsistencyLevel.ONE) as cql:
            result.wrong_at_one_when_normal = self.rows.wrong(cql, probe.ids)
        looking = time.monotonic() - began - result.normal_s
        if way.fill and not way.take_new:
            for number, task in enumerate(self.tasks()):
                pair = [node, self.survivors[number % 2]]
                repair(pair, task.start, task.end, pull=way.pull)
        result.whole_s = time.monotonic() - began - looking
        return node

    def write_after_backup(self, changed: int) -> list[int]:
        """New versions, deletes, counts, and rows that one survivor has not either."""
        with session([self.ring.address(1)]) as cql:
            new, gone, stale = (self.rows.some(n) for n in (changed, DELETED, STALE))
            self.rows.write(cql, new)
            self.rows.delete(cql, gone)
            self.rows.add(cql)
            with frozen(self.survivors[1]):
                self.rows.write(cql, stale)
        wait(self.ring.serves)
        return [*new, *gone, *stale]

    def late(self, cql: object) -> list[int]:
        """Written while the node is dead."""
        late = self.rows.some(LATE)
        self.rows.write(cql, late)
        self.rows.add(cql)
        return late

    def start(self, replaces: str, way: Way) -> BareNode:
        """The replacement, once it is a normal member that lets clients in."""
        unsafe = {"cassandra.allow_unsafe_replace": "true"} if way.fill else {}
        node = self.ring.start(
            self.number,
            rack=2,
            ring_delay_ms=RING_DELAY_MS,
            token=BIRTH.token(LOST),
            bootstrap=not way.fill,
            replaces=replaces,
            properties={**REPLICATED, **unsafe},
        )
        wait(self.ring.serves)
        return node

    def tasks(self) -> list[Task]:
        """The ranges that the replacement holds."""
        return repairs_before(BIRTH, SLOTS, LOST)

    def files(self, node: BareNode) -> dict[str, Path]:
        """All that the node has, flushed, as a backup sees it."""
        self.moment += 1
        snapshots = Snapshots(node.management, node.folder / "data")
        tag, _ = snapshots.take(self.moment, seconds=3_600)
        return dict(snapshots.files(tag))


@contextmanager
def frozen(node: BareNode) -> Iterator[None]:
    """It sees nothing of what is written meanwhile, and nobody keeps it for later."""
    node.process.send_signal(signal.SIGSTOP)
    try:
        # Writes to it wait in its peers' queues for as long as they count as timely.
        yield
        time.sleep(FORGOTTEN_SECONDS)
    finally:
        node.process.send_signal(signal.SIGCONT)


def copy(files: dict[str, Path], to: Path) -> None:
    """By their paths below the data directory."""
    for path, file in files.items():
        place = to / path
        place.parent.mkdir(parents=True, exist_ok=True)
        require(not place.exists(), f"{path} is there already")
        shutil.copy(file, place)


def renumbered(path: str) -> str:
    """Files of two nodes have the same numbers; these get numbers of their own."""
    folder, _, name = path.rpartition("/")
    version, number, rest = name.split("-", 2)
    require(bool(re.fullmatch(r"\d+", number)), f"{path} has no number")
    return f"{folder}/{version}-{int(number) + RENUMBERED}-{rest}"


def streamed(node: BareNode) -> int:
    """Bytes that came by streams since the node started, by Cassandra's own count."""
    # A pattern, since Cassandra has no such bean before the first stream.
    bean = "org.apache.cassandra.metrics:type=Streaming,name=TotalIncomingByte*"
    return sum(int(one) for one in node.management.read_all(bean, "Count"))
