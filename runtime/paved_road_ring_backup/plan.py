"""What a run must store, given what is stored already: nothing twice, nothing on faith."""

from collections.abc import Iterable
from dataclasses import dataclass

from paved_road_ring_backup.keys import Run
from paved_road_ring_backup.node_manifest import Facts, File, NodeManifest, Stored


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run keeps of earlier ones and what it sends.

    `known` files have their content in earlier runs' folders, `new` ones have not: `uploads` has
    one file for each content among them.
    """

    run: Run
    known: tuple[Stored, ...]
    new: tuple[File, ...]
    uploads: tuple[File, ...]

    @property
    def size(self) -> int:
        """What is sent, in bytes."""
        return sum(one.size for one in self.uploads)

    def manifest(self, facts: Facts, ended: int) -> NodeManifest:
        """The run's manifest, for when every upload is done."""
        new = (Stored(file=one, run=self.run) for one in self.new)
        return NodeManifest(
            run=self.run, facts=facts, ended=ended, files=tuple(sorted([*self.known, *new]))
        )


def plan(run: Run, files: Iterable[File], base: NodeManifest | None) -> Plan:
    """Compare a snapshot with `base`, the slot's newest manifest: what that names is stored.

    A purge keeps all that the newest manifest of a slot needs, and nothing else for a run's sake:
    an object that merely happens to exist may be on its way out. By content and not by name:
    Cassandra numbers files from one again in a directory that was emptied.
    """
    stored = {(one.file.sha256, one.file.size): one.run for one in base.files} if base else {}
    known: list[Stored] = []
    new: list[File] = []
    uploads: dict[str, File] = {}
    for one in sorted(files):
        if holder := stored.get((one.sha256, one.size)):
            known.append(Stored(file=one, run=holder))
        else:
            new.append(one)
            uploads.setdefault(one.sha256, one)
    return Plan(run=run, known=tuple(known), new=tuple(new), uploads=tuple(uploads.values()))
