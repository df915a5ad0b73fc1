"""Sees to the ring's manifests, as the one agent of all that has the lease for it.

In a thread beside the node's own runs: those may take hours, and the ring's manifest does not wait.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from paved_road_ring_agent.journal import Journal
from paved_road_ring_agent.leases import Leases
from paved_road_ring_backup.assembly import OLDEST_SECONDS
from paved_road_ring_backup.duty import TICK_SECONDS
from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.ring import assemble
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.schedule import EVERY_SECONDS, Held, held
from paved_road_ring_backup.store import Store

LONGEST_LOOK_SECONDS = 300.0
SLOT_SECONDS = 0.3
"""A look is two small requests a slot: at most seven a second, so a ring of a thousand is looked at
every five minutes, and a small one at every tick."""

MOST_TOLD = 5
"""Reasons in one line of the log: a ring of a thousand may have a thousand."""

log = logging.getLogger("paved-road.backup")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How the ring's backups stand, as who sees to them knew it at `as_of`.

    What was acknowledged later than `whole_until` would be lost with all instances; None if there
    never was a whole set. `missing` are slots without a run that counts. Times in seconds since
    1970.
    """

    as_of: float
    whole_until: float | None
    missing: int


@dataclass(kw_only=True)
class Overseer:
    """One agent's; `asked` is as the keeper's.

    `standing` is None where another agent has the lease, or nobody looked yet.
    """

    ring: str
    journal: Journal
    leases: Leases
    store: Store
    clock: Callable[[], float]
    asked: Callable[[], int]
    standing: Standing | None = field(default=None, init=False)
    _looked: float = field(default=0.0, init=False)
    _newest: RingManifest | None = field(default=None, init=False)
    _told: str = field(default="", init=False)

    def see_to_it(self) -> bool:
        """Have the lease, look if it is time, and write the ring's manifest once it is whole.

        False between two looks. Raises what the edges raise.
        """
        found = held(self.journal.last, self.clock())
        if found is None:
            self._forget()
            return True
        # At every tick, so that it stays with one agent until that has a run of its own.
        if not self.leases.renew(f"lease#{found.slot.data_center}#backups"):
            self._forget()
            return True
        now = self.clock()
        pause = look_seconds(len(found.claims))
        if now - self._looked < pause:
            if self.standing:
                self._stand(self.standing.missing)
            return False
        self._looked = now
        self._look(found, found.past(self.ring), now, pause)
        return True

    def _look(self, found: Held, past: Past, now: float, pause: float) -> None:
        if self._newest is None or self._newest.past != past:
            self._newest = self.store.newest_set(past, int(now))
        newest, oldest = self._newest, OLDEST_SECONDS
        fresh = newest is not None and now - newest.moment < EVERY_SECONDS - pause
        if newest and fresh:
            self._stand(0)
            asked = self.asked()
            if not newest.whole_until < asked <= now:
                return
            oldest = int(now) - asked
        outcome = assemble(self.store, past, found.birth, found.claims, int(now), oldest)
        if isinstance(outcome, RingManifest):
            log.info("the ring is backed up whole: %s", outcome.key)
            self._newest, self._told = outcome, ""
            self._stand(0)
        elif not fresh:
            self._tell(outcome.reasons)
            self._stand(len(outcome.slots))

    def _tell(self, reasons: Sequence[str]) -> None:
        """Once, not at every look."""
        more = f"; and {len(reasons) - MOST_TOLD} more" if len(reasons) > MOST_TOLD else ""
        told = "; ".join(reasons[:MOST_TOLD]) + more
        if told != self._told:
            log.warning("the ring has no whole backup now: %s", told)
        self._told = told

    def _stand(self, missing: int) -> None:
        whole_until = self._newest.whole_until if self._newest else None
        self.standing = Standing(as_of=self.clock(), whole_until=whole_until, missing=missing)

    def _forget(self) -> None:
        self.standing = self._newest = None


def look_seconds(slots: int) -> float:
    """Between two looks at a ring of so many slots."""
    return min(max(TICK_SECONDS, SLOT_SECONDS * slots), LONGEST_LOOK_SECONDS)
