"""A ring's backups as they stand in its region's bucket, and what a purge would take of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from paved_road_ring.backup_costs import BackupCosts, Stored
from paved_road_ring.backup_costs import costs as costs_of
from paved_road_ring.live import LiveRing
from paved_road_ring_agent.contract import backup_prefix
from paved_road_ring_backup.documents import ManifestError
from paved_road_ring_backup.keys import Past, stamp
from paved_road_ring_backup.purge import Purge
from paved_road_ring_backup.purging import carry_out, locked_days, look
from paved_road_ring_backup.retention import Keep
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.store import Store


class PurgeRefusedError(Exception):
    """Nothing was deleted, and the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class WholeSet:
    """One whole backup of a data center: a ring manifest.

    `moment` is when it was written and, with `incarnation`, what it is called; all that was
    acknowledged before `whole_until` is in it. Both are UTC, as keys have them. `size` is what a
    restore downloads, in bytes, of `slots` nodes.
    """

    data_center: str
    incarnation: str
    moment: str
    whole_until: str
    size: int
    slots: int
    cassandra: str
    key: str

    @classmethod
    def of(cls, manifest: RingManifest) -> "WholeSet":
        """What people want to know of it."""
        versions = sorted({part.facts.cassandra for part in manifest.parts})
        return cls(
            data_center=manifest.past.data_center,
            incarnation=manifest.past.incarnation,
            moment=stamp(manifest.moment),
            whole_until=stamp(manifest.whole_until),
            size=sum(part.size for part in manifest.parts),
            slots=len(manifest.parts),
            cassandra=", ".join(versions),
            key=manifest.key,
        )


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The newest whole backups, the newest first, of `count` that there are.

    `age_seconds`: what was acknowledged since would be lost with all instances; None without any.
    `costs` are of all that is stored of the ring, if that was asked for.
    """

    bucket: str
    count: int
    age_seconds: int | None
    sets: tuple[WholeSet, ...]
    costs: BackupCosts | None = None


@dataclass(frozen=True)
class RingBackups:
    """Of one ring in one region, under the caller's own credentials.

    `copies`: what the region keeps of other regions' backups, instead of its own.
    """

    ring: LiveRing
    copies: bool = False
    clock: Callable[[], float] = time.time

    @cached_property
    def store(self) -> Store:
        """The region's backup bucket, or that of copies. Raises `NoRingError` if none stands."""
        bucket = self.ring.copies_bucket() if self.copies else self.ring.backup_bucket()
        return Store(self.ring.clients.client("s3", self.ring.region), bucket)

    def listing(self, last: int, *, costs: bool = False) -> Listing:
        """At most the `last` ones, of all lives of all of its data centers.

        From the bucket alone: the ring may be lost. With `costs` every object is listed. Raises
        `ManifestError` for one that cannot be read, and `StoreUnreachableError`.
        """
        keys = [key for past in self._pasts() for key in self.store.keys(past.sets)]
        newest = sorted(keys, key=lambda key: key.rpartition("/")[2], reverse=True)[:last]
        found = sorted((self._read(key) for key in newest), key=_age, reverse=True)
        return Listing(
            bucket=self.store.bucket,
            count=len(keys),
            age_seconds=int(self.clock()) - found[0].whole_until if found else None,
            sets=tuple(WholeSet.of(one) for one in found),
            costs=self._costs() if costs else None,
        )

    def _costs(self) -> BackupCosts:
        objects = self.store.objects(backup_prefix(self.ring.name))
        stored = (Stored(key=key, size=size, written=at) for key, size, at in objects)
        return costs_of(stored, self.clock())

    def purge(self, keep: Keep) -> Purge:
        """What may go, by one look at everything that the ring's data center has stored.

        Raises `PurgeRefusedError` for a ring of which nobody knows which life it is in, and what
        the bucket raises.
        """
        table = self.ring.table()
        birth = table.birth()
        if birth is None:
            raise PurgeRefusedError(
                f"the slot table records no ring {self.ring.name}, so nobody knows which of its "
                "backups the living one builds on: restore or form it first"
            )
        living = Past(
            ring=self.ring.name,
            data_center=self.ring.outputs()["DataCenter"],
            incarnation=birth.incarnation,
        )
        return look(
            self.store,
            living,
            now=int(self.clock()),
            keep=keep,
            locked_days=locked_days(self.store),
            # What a ring came back from is what its next runs build on, and what it may lack still.
            pinned=[birth.origin] if birth.origin else [],
        )

    def carry_out(self, purge: Purge) -> int:
        """Delete what it says; how many objects. May be cut off and done again."""
        return carry_out(self.store, purge)

    def _pasts(self) -> list[Past]:
        lives = [
            life.split("/")
            for data_center in self.store.folders(backup_prefix(self.ring.name))
            for life in self.store.folders(data_center)
        ]
        return [
            Past(ring=self.ring.name, data_center=parts[-3], incarnation=parts[-2])
            for parts in lives
        ]

    def _read(self, key: str) -> RingManifest:
        content = self.store.get(key)
        if content is None:
            raise ManifestError(f"{key} was listed and is not there: somebody deletes")
        return RingManifest.from_json(content)


def _age(manifest: RingManifest) -> int:
    return manifest.whole_until
