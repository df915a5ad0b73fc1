"""What is measured on a node: Cassandra's own figures, its disk, its clock, its peers' silence."""

import shutil
from dataclasses import dataclass

from paved_road_ring_agent.clock import read_clock
from paved_road_ring_agent.journal import STALE_SECONDS, Entry
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.management import Management, NodeSilentError
from paved_road_ring_agent.succession import FRESH_SECONDS
from paved_road_ring_agent.supervisor import Status

COMPACTIONS = "org.apache.cassandra.metrics:type=Compaction,name=PendingTasks"
UNREPAIRED = (
    "org.apache.cassandra.metrics:type=AutoRepair,name=LongestUnrepairedSec,repairType=full"
)
HINTS_NOT_STORED = "org.apache.cassandra.metrics:type=HintsService,name=Hints_not_stored-*"
HINTS_DROPPED = "org.apache.cassandra.metrics:type=DroppedMessage,scope=HINT,name=Dropped"
RUNTIME = "java.lang:type=Runtime"
"""https://cassandra.apache.org/doc/5.0/cassandra/managing/operating/metrics.html; each was read
from a real 5.0.9 node (`tests/lab/test_gauges.py`)."""


@dataclass(frozen=True, kw_only=True)
class NodeGauges:
    """A running Cassandra's own. `dropped_hints` counts since it started.

    `unrepaired_seconds` is since the last repair of the node that waits longest, as the whole ring
    records it; a node that does not know of any counts from its own start.
    """

    pending_compactions: int
    unrepaired_seconds: float
    dropped_hints: int


@dataclass(frozen=True, kw_only=True)
class BackupGauges:
    """How backups stand. The first two are of the whole ring, and only one agent knows them.

    `whole_age_seconds`: what was acknowledged since would be lost with all instances.
    `slots_missing`: slots without a backup that counts. The others are the node's own: `failures`
    in a row, and `logs_age_seconds`: what was acknowledged since is in no stored commit log.
    """

    whole_age_seconds: float | None
    slots_missing: int | None
    failures: int
    logs_age_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Gauges:
    """All of a node. None: nobody knows, and nothing is published."""

    silent_slots: int | None
    disk_used_percent: float | None
    clock_offset_milliseconds: float | None
    node: NodeGauges | None
    backups: BackupGauges | None


def gauges(layout: Layout, entry: Entry | None, now: float, backups: BackupGauges | None) -> Gauges:
    """Look at all of it; `backups` were looked at where they are made."""
    clock = read_clock(layout)
    return Gauges(
        silent_slots=silent_slots(entry, now),
        disk_used_percent=_disk_used_percent(layout),
        clock_offset_milliseconds=clock.offset_milliseconds if clock else None,
        node=_of_own_node(layout),
        backups=backups,
    )


def silent_slots(entry: Entry | None, now: float) -> int | None:
    """Claims that were not renewed at the time of the last look; None if that is no knowledge."""
    if entry is None or entry.seen.table is None or entry.age(now) > STALE_SECONDS:
        return None
    claims = entry.seen.table.claims.values()
    return sum(entry.seen.now - claim.renewed > FRESH_SECONDS for claim in claims)


def node_gauges(node: Management) -> NodeGauges:
    """Ask Cassandra. Raises `NodeSilentError`."""
    uptime = int(node.read(RUNTIME, "Uptime")) / 1_000
    unrepaired = int(node.read(UNREPAIRED, "Value"))
    not_stored = node.read_all(HINTS_NOT_STORED, "Count")
    return NodeGauges(
        pending_compactions=int(node.read(COMPACTIONS, "Value")),
        unrepaired_seconds=unrepaired or uptime,
        dropped_hints=int(node.read(HINTS_DROPPED, "Count")) + sum(map(int, not_stored)),
    )


def _of_own_node(layout: Layout) -> NodeGauges | None:
    status = Status.load(layout)
    if status is None or not status.process.alive:
        return None
    try:
        return node_gauges(Management(status.management_port, status.management_password))
    except NodeSilentError:
        return None


def _disk_used_percent(layout: Layout) -> float | None:
    try:
        usage = shutil.disk_usage(layout.disk)
    except OSError:
        return None
    return 100 * usage.used / usage.total
