"""One node's backups: a run at a time, and on from where it stopped after any crash."""

import logging
import math
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TextIO

from paved_road_ring_agent.facts import Slot
from paved_road_ring_agent.layout import read_whole, write_whole
from paved_road_ring_backup.bandwidth import config_for
from paved_road_ring_backup.digests import Digests
from paved_road_ring_backup.keys import Past, Run
from paved_road_ring_backup.node_manifest import Facts, NodeManifest
from paved_road_ring_backup.patience import Burden, give_up
from paved_road_ring_backup.plan import Plan, plan
from paved_road_ring_backup.purge import RUN_SECONDS
from paved_road_ring_backup.ring_manifest import Part
from paved_road_ring_backup.snapshots import Snapshots
from paved_road_ring_backup.store import Store
from paved_road_ring_backup.transfers import send

_NEWEST = "newest.json"
LOOK_SECONDS = 60.0
"""How often a run looks whether its snapshot has become too much for the disk."""

log = logging.getLogger("paved-road.backup")


class RunEndedError(Exception):
    """A run that may not end with a manifest; the next one is a new one."""


def build_on(memory: Path, manifest: NodeManifest) -> None:
    """Have the next run count as stored what `manifest` names.

    After a run that is its own; after a restore what was restored, or the ring would send itself
    again. It lives and dies with the data disk, as what it says does.
    """
    write_whole(memory / _NEWEST, manifest.to_json().decode())


def built_on(memory: Path) -> NodeManifest | None:
    """What `build_on` was last told on this disk."""
    content = read_whole(memory / _NEWEST)
    return None if content is None else NodeManifest.from_json(content.encode())


@dataclass(frozen=True)
class Begun:
    """A run that has a snapshot."""

    run: Run
    tag: str
    facts: Facts


@dataclass(kw_only=True)
class NodeBackup:
    """Backs up one owner's slot. `memory` is a folder on the data disk: it goes with the data.

    `owns` says whether the slot is still this owner's, `limit` is in bytes a second. `clock` is
    seconds since 1970. `usage` is a disk's total and used bytes.
    """

    past: Past
    slot: Slot
    epoch: int
    store: Store
    snapshots: Snapshots
    memory: Path
    owns: Callable[[], bool]
    clock: Callable[[], float]
    limit: int | None = None
    usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage

    def run(self) -> Part:
        """Go on with the run that was begun, else begin one; its part, once all is stored.

        Raises what the edges raise, after which it may be called again, and `RunEndedError`.
        """
        begun = self._resumed() or self._begin()
        files = list(self.snapshots.files(begun.tag))
        listed = Digests(self.memory / "digests.json").of(files)
        made = plan(begun.run, listed, built_on(self.memory))
        largest = max((one.size for one in made.uploads), default=0)
        with self._journal.open("a", encoding="ascii", buffering=1) as journal:
            send(
                self.store,
                made,
                dict(files),
                config=config_for(self.limit, largest),
                sent=self._sent(),
                note=self._noting(journal, begun),
            )
        part = self._publish(begun, made)
        self._end(begun.tag)
        return part

    def _begin(self) -> Begun:
        """Later than any run before it, even if the clock went back since."""
        self.memory.mkdir(parents=True, exist_ok=True)
        newest = built_on(self.memory)
        least = newest.run.moment + 1 if newest and newest.run.past == self.past else 0
        moment = max(int(self.clock()), least)
        run = Run(past=self.past, slot=self.slot, epoch=self.epoch, moment=moment)
        self.snapshots.clear_all_but("")
        tag, facts = self.snapshots.take(moment, seconds=RUN_SECONDS)
        facts = replace(facts, taken=max(moment, math.ceil(self.clock())))
        self._journal.unlink(missing_ok=True)
        write_whole(self._begun, {"folder": run.folder, "tag": tag, "facts": asdict(facts)})
        return Begun(run, tag, facts)

    def _resumed(self) -> Begun | None:
        found = read_whole(self._begun)
        if found is None:
            return None
        run, tag = Run.of(found["folder"]), found["tag"]
        reason = self._ended(run, tag)
        if reason:
            log.warning("the backup of %s is given up: %s", run.folder, reason)
            self._end(tag)
            return None
        return Begun(run, tag, Facts.of(found["facts"]))

    def _ended(self, run: Run, tag: str) -> str:
        if (run.past, run.slot, run.epoch) != (self.past, self.slot, self.epoch):
            return "it was another owner's"
        if not self.snapshots.exists(tag):
            return "its snapshot is gone"
        total, used, _ = self.usage(self.memory)
        return give_up(
            Burden(
                age_seconds=self.clock() - run.moment,
                held_bytes=self.snapshots.held_bytes(tag),
                used_bytes=used,
                disk_bytes=total,
            )
        )

    def _noting(self, journal: TextIO, begun: Begun) -> Callable[[str], None]:
        """Write down what was sent, and look whether the run may go on: it may take hours."""
        looked = self.clock()

        def note(sha256: str) -> None:
            nonlocal looked
            _line(journal, sha256)
            if self.clock() - looked >= LOOK_SECONDS:
                looked = self.clock()
                if reason := self._ended(begun.run, begun.tag):
                    raise RunEndedError(f"{begun.run.folder} may not go on: {reason}")

        return note

    def _publish(self, begun: Begun, made: Plan) -> Part:
        """The manifest, then its part. One that is there already is this run's, from before."""
        if not self.owns():
            self._end(begun.tag)
            raise RunEndedError(f"{self.slot.subject} is not of epoch {self.epoch} any more")
        if self.clock() - begun.run.moment >= RUN_SECONDS:
            self._end(begun.tag)
            raise RunEndedError(f"{begun.run.folder} took too long: a purge may count it as over")
        manifest = made.manifest(begun.facts, int(self.clock()))
        if not self.store.put(begun.run.manifest, manifest.to_json()):
            manifest = NodeManifest.from_json(self.store.get(begun.run.manifest) or b"")
        part = Part.of(manifest)
        self.store.put(begun.run.part, part.to_json())
        build_on(self.memory, manifest)
        return part

    def _end(self, tag: str) -> None:
        self.snapshots.clear(tag)
        self._begun.unlink(missing_ok=True)

    def _sent(self) -> frozenset[str]:
        lines = self._journal.read_text(encoding="ascii").split("\n")
        # A line that a crash cut off is no checksum of anything.
        return frozenset(lines)

    @property
    def _begun(self) -> Path:
        return self.memory / "begun.json"

    @property
    def _journal(self) -> Path:
        return self.memory / "sent.txt"


def _line(journal: TextIO, sha256: str) -> None:
    journal.write(f"{sha256}\n")
