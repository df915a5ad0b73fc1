"""Backs a node up for as long as its agent lives, and sees to the ring's manifest under a lease.

In a thread of its own, since a run may take hours: it reads what the agent saw last and writes
nothing that an agent decides by.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from paved_road_ring_agent.journal import Journal
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.leases import Leases
from paved_road_ring_agent.management import Management, NodeSilentError
from paved_road_ring_agent.supervisor import Claims, Status
from paved_road_ring_agent.table import TableUnreachableError
from paved_road_ring_backup.assembly import NotWhole
from paved_road_ring_backup.documents import ManifestError
from paved_road_ring_backup.keys import Past, Run
from paved_road_ring_backup.node import NodeBackup, RunEndedError, built_on
from paved_road_ring_backup.ring import assemble
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.schedule import EVERY_SECONDS, Held, due, held
from paved_road_ring_backup.snapshots import Snapshots, SnapshotUnfitError
from paved_road_ring_backup.store import Store, StoreUnreachableError

TICK_SECONDS = 30.0
LOOK_SECONDS = 300.0
"""How often the lease's holder looks whether the ring is whole: two small requests a slot."""
MEMORY = "backup"
"""Folder on the data disk: what a node knows of its backups lives and dies with its data."""
FAILURES = (
    ManifestError,
    NodeSilentError,
    OSError,
    RunEndedError,
    SnapshotUnfitError,
    StoreUnreachableError,
    TableUnreachableError,
)

log = logging.getLogger("paved-road.backup")


@dataclass(kw_only=True)
class Standing:
    """What alarms watch.

    `whole_until`: what was acknowledged later would be lost with all instances (seconds since
    1970). `missing` are slots without a run that counts. Both are None where another agent has the
    lease. `failures` counts since the agent began.
    """

    whole_until: float | None = None
    missing: int | None = None
    failures: int = 0


@dataclass(kw_only=True)
class Keeper:
    """One node's. `tick` does what is due; what fails is due again at the next one.

    `limit` is in bytes a second, `clock` in seconds since 1970.
    """

    ring: str
    layout: Layout
    journal: Journal
    claims: Claims
    leases: Leases
    store: Store
    clock: Callable[[], float]
    limit: int | None = None
    manage: Callable[[int, str], Management] = Management
    standing: Standing = field(default_factory=Standing)
    _last: Run | None = field(default=None, init=False)
    _looked: float = field(default=0.0, init=False)
    _newest: RingManifest | None = field(default=None, init=False)

    def tick(self) -> None:
        """Back up, if it is the node's turn, and see to the ring's manifest."""
        found = held(self.journal.last, self.clock())
        if found is None:
            return
        for duty in (self._back_up, self._see_to_the_ring):
            try:
                duty(found)
            except FAILURES as error:
                self.standing.failures += 1
                log.warning("%s failed: %s", duty.__name__.strip("_"), error)

    def _back_up(self, found: Held) -> None:
        status, past = Status.load(self.layout), self._past(found)
        memory = self.layout.disk / MEMORY
        if self._last is None and (newest := built_on(memory)):
            self._last = newest.run
        own = self._last is not None and self._last.past == past
        last = self._last.moment if self._last and own else None
        if status is None or not due(found, last, self.clock()):
            return
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
        ).run()
        self._last = part.run
        log.info("%s is backed up: %d files, %d bytes", found.slot.subject, part.files, part.size)

    def _owns(self, found: Held) -> bool:
        """By a look at the claim now; raises `TableUnreachableError` if nobody knows."""
        claim = self.claims.claim(found.slot)
        mine = found.claim
        return claim is not None and (claim.epoch, claim.instance) == (mine.epoch, mine.instance)

    def _see_to_the_ring(self, found: Held) -> None:
        now, past = self.clock(), self._past(found)
        # At every tick, so that it stays with one agent until that has a run of its own.
        if not self.leases.renew(f"lease#{past.data_center}#backups"):
            self.standing.whole_until = self.standing.missing = self._newest = None
            return
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        if self._newest is None or self._newest.past != past:
            self._newest = self.store.newest_set(past, int(now))
        if self._newest and now - self._newest.moment < EVERY_SECONDS - LOOK_SECONDS:
            self._stand(self._newest, 0)
            return
        outcome = assemble(self.store, past, found.birth, found.claims, int(now))
        if isinstance(outcome, NotWhole):
            log.warning("the ring has no whole backup now: %s", "; ".join(outcome.reasons))
            self._stand(self._newest, len(outcome.slots))
        else:
            self._newest = outcome
            self._stand(outcome, 0)

    def _stand(self, newest: RingManifest | None, missing: int) -> None:
        self.standing.whole_until = newest.whole_until if newest else None
        self.standing.missing = missing

    def _past(self, found: Held) -> Past:
        return Past(
            ring=self.ring,
            data_center=found.slot.data_center,
            incarnation=found.birth.incarnation,
        )


def keep_backed_up(keeper: Keeper) -> None:
    """Begin, in a thread that ends with the agent."""
    threading.Thread(target=_go_on, args=(keeper,), name="backups", daemon=True).start()


def _go_on(keeper: Keeper) -> None:
    pause = threading.Event()
    while not pause.wait(TICK_SECONDS):
        try:
            keeper.tick()
        except Exception:
            keeper.standing.failures += 1
            log.exception("a backup failed; the next one is made all the same")
