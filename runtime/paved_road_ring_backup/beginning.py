"""What a node begins to have itself backed up for as long as its agent lives."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from botocore.config import Config

from paved_road_ring_agent.connections import client
from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.gauges import BackupGauges
from paved_road_ring_agent.journal import STALE_SECONDS, Journal
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.table import Table
from paved_road_ring_backup.bandwidth import SHARE, THREADS, bytes_per_second
from paved_road_ring_backup.duty import Duty, go_on
from paved_road_ring_backup.keeper import Keeper
from paved_road_ring_backup.log_keeper import SHIP_SECONDS, LogKeeper
from paved_road_ring_backup.overseer import Overseer
from paved_road_ring_backup.store import Store

TRANSFERS = Config(
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=THREADS + 2,
    retries={"mode": "standard", "total_max_attempts": 5},
)
"""Unlike an agent's round, a run may wait: for a part of 16 MiB on a network that others use."""

log = logging.getLogger("paved-road.backup")


@dataclass(frozen=True, kw_only=True)
class Backups:
    """What goes on in threads: the node's own runs, its commit logs, and the ring's manifests."""

    keeper: Keeper
    overseer: Overseer
    logs: LogKeeper
    duties: tuple[Duty, ...]

    def gauges(self, now: float) -> BackupGauges:
        """What alarms watch. Who has lost the lease knows nothing of the ring."""
        standing = self.overseer.standing
        if standing is not None and now - standing.as_of > STALE_SECONDS:
            standing = None
        until = standing.whole_until if standing else None
        return BackupGauges(
            whole_age_seconds=None if until is None else now - until,
            slots_missing=standing.missing if standing else None,
            failures=max(duty.failures for duty in self.duties),
            logs_age_seconds=self.logs.age(now),
        )


def begin_backups(
    node: NodeFile,
    *,
    layout: Layout,
    journal: Journal,
    tables: Callable[[], Table],
    instance: str,
    network_gbps: float,
    clock: Callable[[], float],
) -> Backups | None:
    """Begin, in threads that end with the agent; None for a ring that has no backup bucket.

    `network_gbps` is the instance type's baseline. `tables` makes the slot table anew for each
    thread that reads it, since boto3's resources are one thread's each.
    """
    if node.backup_bucket is None:
        log.warning("this ring has no backup bucket: what all its disks lose is lost")
        return None
    store = Store(client(node, "s3", TRANSFERS), node.backup_bucket)
    own, shared = tables(), tables()
    keeper = Keeper(
        ring=node.ring,
        layout=layout,
        journal=journal,
        claims=own,
        store=store,
        clock=clock,
        asked=lambda: _asked(own),
        limit=bytes_per_second(network_gbps, SHARE),
    )
    overseer = Overseer(
        ring=node.ring,
        journal=journal,
        leases=Leases(table=shared, holder=instance, clock=clock),
        store=store,
        clock=clock,
        asked=lambda: _asked(shared),
    )
    # Clients of S3 may be shared by threads, and what it waits for must not wait for a run.
    logs = LogKeeper(
        ring=node.ring,
        layout=layout,
        journal=journal,
        store=store,
        clock=clock,
        limit=bytes_per_second(network_gbps, SHARE),
    )
    made = backups_of(keeper, overseer, logs)
    for duty in made.duties:
        go_on(duty)
    return made


def _asked(table: Table) -> int:
    wish = table.backup_wish()
    return wish.moment if wish else 0


def backups_of(keeper: Keeper, overseer: Overseer, logs: LogKeeper) -> Backups:
    """All, with their duties."""
    return Backups(
        keeper=keeper,
        overseer=overseer,
        logs=logs,
        duties=(
            Duty(name="the node's backup", act=keeper.back_up),
            Duty(name="the ring's backup", act=overseer.see_to_it),
            Duty(name="the node's commit log", act=logs.tend, seconds=SHIP_SECONDS),
        ),
    )
