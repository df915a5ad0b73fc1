"""What may be deleted: nothing that a kept ring manifest, or a run that is not over, needs.

Four rules make that so, whatever crashes in between:

1. Only the newest manifest of a slot is a run's base (`plan.py`), so what it needs stays. It stays
   for a while after it has a successor, because a run may have begun on it.
2. A run that takes longer than `RUN_SECONDS` gives up. Older folders get no more manifest.
3. Ring manifests go first, then node manifests, then objects: what still stands names only what
   still stands.
4. Nothing is touched that object lock holds: deleting it would hide it and free nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from paved_road_ring_backup.keys import MANIFEST, PART, Run
from paved_road_ring_backup.log_keys import Piece
from paved_road_ring_backup.log_retention import kept_logs
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.retention import DAY, Keep, kept
from paved_road_ring_backup.ring_manifest import RingManifest

RUN_SECONDS = 7 * DAY
"""The longest that a run may take: 15 MB/s send what the largest instance may have on its disks."""
MARGIN_SECONDS = DAY
"""By which runs' moments may be wrong: clocks differ, by far less (`clock.py` sees to it)."""


@dataclass(frozen=True, kw_only=True)
class Purge:
    """One look at a data center's backups, of all its incarnations.

    `sets` are its ring manifests; `manifests` the node manifests by run; `folders` what stands in
    each run's folder, of runs without a manifest too, with sizes in bytes; `logs` all pieces of
    commit logs. Of all this nothing may be missing: a listing that failed is no look. `incarnation`
    is the living ring's. `pinned` are keys of ring manifests that a restore uses. `locked_days` is
    the bucket's lock, 0 if it has none.
    """

    sets: Collection[RingManifest]
    manifests: Mapping[Run, NodeManifest]
    folders: Mapping[Run, Mapping[str, int]]
    incarnation: str
    now: int
    keep: Keep
    locked_days: int
    pinned: Collection[str] = ()
    logs: Collection[Piece] = ()

    @property
    def settled(self) -> int:
        """What began before this moment is over, and its locks have ended."""
        return self.now - RUN_SECONDS - max(MARGIN_SECONDS, self.locked_days * DAY)

    @cached_property
    def kept_sets(self) -> frozenset[str]:
        """Keys of the ring manifests that stay."""
        rule = kept({one.moment for one in self.sets}, self.keep)
        return frozenset(
            one.key
            for one in self.sets
            if one.moment in rule or one.moment >= self.settled or one.key in self.pinned
        )

    @cached_property
    def kept_runs(self) -> frozenset[Run]:
        """Runs whose manifests stay."""
        named = {part.run for one in self.sets if one.key in self.kept_sets for part in one.parts}
        young = {run for run in self.manifests if run.moment >= self.settled}
        return frozenset(named | young | self._bases())

    def _bases(self) -> set[Run]:
        """Of each slot the newest, and those that had a successor only lately.

        An old owner's later run is no successor: the new owner may have begun on what was there.
        """
        found: set[Run] = set()
        successor: dict[object, NodeManifest] = {}
        for run in sorted(self.manifests, reverse=True):
            if run.past.incarnation != self.incarnation:
                continue
            later = successor.get(run.slot)
            if later is None or later.ended >= self.now - RUN_SECONDS - MARGIN_SECONDS:
                found.add(run)
            successor[run.slot] = self.manifests[run]
        return found

    @cached_property
    def needed(self) -> frozenset[str]:
        """Keys of objects that stay, whatever folder they are in."""
        runs = self.kept_runs & self.manifests.keys()
        return frozenset().union(*(self.manifests[run].objects for run in runs))

    def deletions(self) -> Sequence[str]:
        """Keys to delete, in this order.

        What is not needed now never will be, so they may be deleted late, or the rest never.
        """
        dropped = [run for run in self.manifests if run not in self.kept_runs]
        manifests = [key for run in sorted(dropped) for key in (run.part, run.manifest)]
        logs = [one.key for one in self.logs if one not in self.kept_logs]
        return [*self.dropped_sets, *sorted(logs), *manifests, *sorted(self._contents)]

    @property
    def dropped_sets(self) -> Sequence[str]:
        """Keys of the ring manifests among the deletions."""
        return sorted(one.key for one in self.sets if one.key not in self.kept_sets)

    @property
    def freed(self) -> int:
        """Bytes of contents and logs among the deletions; manifests are small beside them."""
        logs = sum(one.size for one in self.logs if one not in self.kept_logs)
        return logs + sum(self._contents.values())

    @cached_property
    def _contents(self) -> Mapping[str, int]:
        """What goes, by key with its size."""
        return {
            run.folder + name: size
            for run, found in self.folders.items()
            if run.moment < self.settled
            for name, size in found.items()
            if name not in (MANIFEST, PART) and run.folder + name not in self.needed
        }

    @cached_property
    def kept_logs(self) -> frozenset[Piece]:
        """Pieces that stay: those that bring the ring back to any second of the last days."""
        sets = [one for one in self.sets if one.key in self.kept_sets]
        young = [one for one in self.logs if one.moment >= self.settled]
        since = self.now - self.keep.seconds_for * DAY
        kept = frozenset(young) | kept_logs(sets, self.logs, since, self.incarnation)
        for one in sets:
            if one.key in self.pinned:
                # A restore from it may still be on its way, to any second after it.
                own = [piece for piece in self.logs if piece.owner.past == one.past]
                kept |= kept_logs([one], own, one.settled, "")
        return kept
