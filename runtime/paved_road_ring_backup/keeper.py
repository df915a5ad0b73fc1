"""Backs a node up for as long as its agent lives.

It reads what the agent saw last and writes nothing that an agent decides by.
"""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from paved_road_ring_agent.journal import Journal
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.management import Management
from paved_road_ring_agent.supervisor import Claims, Status
from paved_road_ring_backup.keys import Run
from paved_road_ring_backup.node import NodeBackup, built_on
from paved_road_ring_backup.schedule import Held, due, held
from paved_road_ring_backup.snapshots import Snapshots
from paved_road_ring_backup.store import Store

log = logging.getLogger("paved-road.backup")


@dataclass(kw_only=True)
class Keeper:
    """One node's. `limit` is in bytes a second, `clock` in seconds since 1970.

    `asked` is the moment since which somebody wants a backup, 0 if nobody did.
    """

    ring: str
    layout: Layout
    journal: Journal
    claims: Claims
    store: Store
    clock: Callable[[], float]
    asked: Callable[[], int]
    limit: int | None = None
    manage: Callable[[int, str], Management] = Management
    usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage
    _last: Run | None = field(default=None, init=False)

    def back_up(self) -> bool:
        """Make a run, if it is the node's turn; False if not. Raises what the edges raise."""
        found = held(self.journal.last, self.clock())
        status = Status.load(self.layout)
        if found is None or status is None:
            return False
        past, memory = found.past(self.ring), self.layout.backup_memory
        if self._last is None and (newest := built_on(memory)):
            self._last = newest.run
        own = self._last is not None and self._last.past == past
        last = self._last.moment if self._last and own else None
        if not due(found, last, self.clock(), asked=self.asked()):
            return False
        management = self.manage(status.management_port, status.management_password)
        part = NodeBackup(
            past=past,
            slot=found.slot,
            epoch=found.claim.epoch,
            store=self.store,
            snapshots=Snapshots(management, self.layout.cassandra / "data"),
            memory=memory,
            owns=lambda: self._owns(found),
            clock=self.clock,
            limit=self.limit,
            usage=self.usage,
        ).run()
        self._last = part.run
        log.info("%s is backed up: %d files, %d bytes", found.slot.subject, part.files, part.size)
        return True

    def _owns(self, found: Held) -> bool:
        """By a look at the claim now; raises `TableUnreachableError` if nobody knows."""
        claim = self.claims.claim(found.slot)
        mine = found.claim
        return claim is not None and (claim.epoch, claim.instance) == (mine.epoch, mine.instance)
