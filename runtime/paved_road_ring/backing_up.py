"""A whole backup of a ring now, before a change that somebody fears: agents make it, not a command.

Asking is one item of the slot table. Each node backs itself up at its agent's next look, and sends
what it did not send before.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from paved_road_ring.follow import NotInTimeError
from paved_road_ring.live import LiveRing
from paved_road_ring_agent.facts import BackupWish, Birth
from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.store import Store

LOOK_SECONDS = 2.0


class NothingToBackUpError(Exception):
    """The ring was never opened to clients; nobody was asked for anything."""


@dataclass(kw_only=True)
class BackingUp:
    """Of one ring. Raises `NothingToBackUpError`, and what the bucket and the table raise."""

    ring: LiveRing
    say: Callable[[str], None]
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    _said: str = field(default="", init=False)

    def check(self) -> Birth:
        """The ring that would be backed up."""
        birth = self.ring.table().birth()
        if birth is None or not birth.formed:
            raise NothingToBackUpError(
                f"ring {self.ring.name} is not formed: no client ever wrote to it"
            )
        return birth

    def ask(self) -> BackupWish:
        """Have all nodes back themselves up with everything that is acknowledged by now in it."""
        self.check()
        # A run's moment has whole seconds too, and must not be from before this one.
        wish = BackupWish(moment=int(self.clock()) + 1)
        self.ring.table().ask_backup(wish)
        return wish

    def wait(self, wish: BackupWish, seconds: float) -> RingManifest:
        """The ring manifest with all of it. Raises `NotInTimeError`; agents go on all the same."""
        birth = self.check()
        data_center = self.ring.outputs()["DataCenter"]
        past = Past(ring=self.ring.name, data_center=data_center, incarnation=birth.incarnation)
        store = Store(self.ring.clients.client("s3", self.ring.region), self.ring.backup_bucket())
        looks = Retrying(
            retry=retry_if_result(lambda found: found is None),
            stop=stop_after_delay(seconds),
            wait=wait_fixed(LOOK_SECONDS),
            sleep=self.sleep,
        )
        try:
            found = looks(self._look, store, past, birth, wish)
        except RetryError:
            raise NotInTimeError(
                f"after {seconds:.0f} s {self._said or 'no node is backed up'}: "
                "`paved-road ring status` tells of the others"
            ) from None
        return cast("RingManifest", found)

    def _look(
        self, store: Store, past: Past, birth: Birth, wish: BackupWish
    ) -> RingManifest | None:
        newest = store.newest_set(past, int(self.clock()))
        if newest and newest.whole_until >= wish.moment:
            return newest
        claims = self.ring.table().all_claims(birth)
        done = [
            slot
            for slot, claim in claims.items()
            if store.newest_part(past, slot, claim.epoch, wish.moment)
        ]
        said = f"{len(done)} of {len(claims)} nodes are backed up"
        if said != self._said:
            self.say(said)
            self._said = said
        return None
