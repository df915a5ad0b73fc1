"""Ships a member's commit logs for as long as its agent lives, and keeps its disk from filling."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from paved_road_ring_agent.archiving import forget_restored
from paved_road_ring_agent.journal import Journal
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.management import Management
from paved_road_ring_agent.supervisor import Status
from paved_road_ring_backup.log_bounds import bound
from paved_road_ring_backup.log_keys import Owner
from paved_road_ring_backup.log_shipping import LogShipping
from paved_road_ring_backup.log_state import shipped
from paved_road_ring_backup.schedule import held
from paved_road_ring_backup.store import Store

SHIP_SECONDS = 10.0
"""Between shipments: how much a node that dies loses of its logs, and all of them together of what
was acknowledged. A shipment is one request at least, 8,640 a day: about 1.30 USD a node and month
(https://aws.amazon.com/s3/pricing/)."""


@dataclass(kw_only=True)
class LogKeeper:
    """One node's. `clock` is in seconds since 1970, `limit` in bytes a second."""

    ring: str
    layout: Layout
    journal: Journal
    store: Store
    clock: Callable[[], float]
    manage: Callable[[int, str], Management] = Management
    limit: int | None = None
    usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage
    _began: float | None = field(default=None, init=False)

    def tend(self) -> bool:
        """Ship what is new. Raises what the edges raise; the disk is bounded all the same."""
        try:
            return self._ship()
        finally:
            bound(self.layout.archived_logs, self.layout.backup_memory, self.usage)

    def age(self, now: float) -> float | None:
        """What was acknowledged in so many seconds is in no log that is stored.

        None of a node that was no member since its agent began.
        """
        if self._began is None:
            return None
        return now - (shipped(self.layout.backup_memory)[1] or self._began)

    def _ship(self) -> bool:
        found, status = held(self.journal.last, self.clock()), Status.load(self.layout)
        if found is None or status is None:
            return False
        # The node has joined: what it was to replay it has replayed.
        forget_restored(self.layout)
        management = self.manage(status.management_port, status.management_password)
        if self._began is None:
            self._began = self.clock()
        LogShipping(
            owner=Owner(past=found.past(self.ring), slot=found.slot, epoch=found.claim.epoch),
            store=self.store,
            live=self.layout.cassandra / "commitlog",
            archived=self.layout.archived_logs,
            memory=self.layout.backup_memory,
            schema=lambda: str(management.self_description()["schema"]),
            clock=self.clock,
            limit=self.limit,
            usage=self.usage,
        ).ship()
        return True
