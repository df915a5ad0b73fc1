"""What an agent calls to have its node backed up for as long as it lives."""

import logging
from collections.abc import Callable

from botocore.config import Config

from paved_road_ring_agent.connections import client
from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.journal import Journal
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.supervisor import Claims
from paved_road_ring_backup.bandwidth import SHARE, THREADS, bytes_per_second
from paved_road_ring_backup.keeper import Keeper, keep_backed_up
from paved_road_ring_backup.store import Store

TRANSFERS = Config(
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=THREADS + 2,
    retries={"mode": "standard", "total_max_attempts": 5},
)
"""Unlike an agent's round, a run may wait: for a part of 16 MiB on a network that others use."""

log = logging.getLogger("paved-road.backup")


def begin_backups(
    node: NodeFile,
    *,
    layout: Layout,
    journal: Journal,
    claims: Claims,
    leases: Leases,
    network_gbps: float,
    clock: Callable[[], float],
) -> Keeper | None:
    """Begin, in a thread that ends with the agent; None for a ring that has no backup bucket.

    `network_gbps` is the instance type's baseline (`paved_road_contract/instances.csv`). `leases`
    must be this thread's own.
    """
    if node.backup_bucket is None:
        log.warning("this ring has no backup bucket: what all its disks lose is lost")
        return None
    keeper = Keeper(
        ring=node.ring,
        layout=layout,
        journal=journal,
        claims=claims,
        leases=leases,
        store=Store(client(node, "s3", TRANSFERS), node.backup_bucket),
        clock=clock,
        limit=bytes_per_second(network_gbps, SHARE),
    )
    keep_backed_up(keeper)
    return keeper
