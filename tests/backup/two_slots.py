"""A bucket of a ring of two slots, its runs under way, and everybody's clocks."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from paved_road_ring_agent.facts import Birth, Slot
from paved_road_ring_backup.assembly import Assembly
from paved_road_ring_backup.keys import Past, Run
from paved_road_ring_backup.log_keys import Owner, Piece
from paved_road_ring_backup.node_manifest import Facts, File, NodeManifest
from paved_road_ring_backup.plan import Plan, plan
from paved_road_ring_backup.purge import RUN_SECONDS, Purge
from paved_road_ring_backup.retention import Keep
from paved_road_ring_backup.ring_manifest import Part, RingManifest
from tests.agent.scenes import DC, claim
from tests.backup.shipments import Writer
from tests.backup.stories import DAY, NOON, file

BIRTH = Birth(incarnation="one", racks=("a",), base=2)
PAST = Past(ring="orders", data_center=DC, incarnation="one")
SLOTS = BIRTH.slots(DC)


@dataclass
class Bucket:
    """A bucket of one ring of two slots, and whatever runs are on their way to it."""

    now: int = NOON
    objects: set[str] = field(default_factory=set)
    manifests: dict[Run, NodeManifest] = field(default_factory=dict)
    sets: dict[str, RingManifest] = field(default_factory=dict)
    epochs: dict[Slot, int] = field(default_factory=lambda: dict.fromkeys(SLOTS, 1))
    running: dict[tuple[Slot, int], Plan] = field(default_factory=dict)
    clocks: dict[tuple[Slot, int], int] = field(default_factory=dict)
    """By how much each owner's is ahead."""
    writers: dict[tuple[Slot, int], Writer] = field(default_factory=dict)
    logs: set[Piece] = field(default_factory=set)
    newest_of: dict[tuple[Slot, int], Run] = field(default_factory=dict)

    def time(self, slot: Slot, epoch: int) -> int:
        return self.now + self.clocks.get((slot, epoch), 0)

    def newest(self, slot: Slot, epoch: int) -> NodeManifest | None:
        """What an owner of that epoch takes for its base."""
        found = [run for run in self.manifests if run.slot == slot and run.epoch <= epoch]
        return self.manifests[max(found)] if found else None

    def begin(self, slot: Slot, epoch: int, contents: Collection[str]) -> None:
        self.now += 1
        run = Run(past=PAST, slot=slot, epoch=epoch, moment=self.time(slot, epoch))
        files: list[File] = [file(one) for one in contents]
        self.running[slot, epoch] = plan(run, files, self.newest(slot, epoch))

    def upload(self, slot: Slot, epoch: int, count: int | None = None) -> None:
        """The first `count` of what it has to send, if it is not too late for all of it."""
        made = self.running[slot, epoch]
        if self.time(slot, epoch) - made.run.moment < RUN_SECONDS:
            self.objects |= {made.run.object(one.sha256) for one in made.uploads[:count]}

    def finish(self, slot: Slot, epoch: int) -> None:
        """All that is left, and the manifest, unless it has taken too long."""
        self.upload(slot, epoch)
        made = self.running.pop((slot, epoch))
        if self.time(slot, epoch) - made.run.moment < RUN_SECONDS:
            known = Facts(host_id="h", token=BIRTH.token(slot), cassandra="5.0.9", schema="s1")
            self.manifests[made.run] = made.manifest(known, self.time(slot, epoch))
            self.newest_of[slot, epoch] = made.run

    def ship(self, slot: Slot, epoch: int) -> None:
        """A row, and the logs that it is in."""
        self.now += 1
        moment = self.now - NOON
        writer = self.writers.setdefault((slot, epoch), Writer(epoch=epoch, began=moment))
        writer.write(moment)
        writer.ship(moment)
        self.logs |= {one for one in self.shipped(slot) if one.moment == self.now}

    def shipped(self, slot: Slot) -> list[Piece]:
        """All pieces of its logs that there ever were."""
        return [
            replace(piece, owner=Owner(past=PAST, slot=slot, epoch=epoch))
            for (of, epoch), writer in self.writers.items()
            for piece in writer.pieces
            if of == slot
        ]

    def assemble(self) -> None:
        found = Assembly(
            past=PAST,
            birth=BIRTH,
            claims={one: claim("a0", epoch=epoch) for one, epoch in self.epochs.items()},
            reports=[Part.of(one) for one in self.manifests.values()],
            now=self.now,
            oldest_seconds=100 * DAY,
        ).outcome()
        if isinstance(found, RingManifest):
            self.sets.setdefault(found.key, found)

    def look(self, keep: Keep, locked_days: int, pinned: Collection[str] = ()) -> Purge:
        folders: dict[Run, dict[str, int]] = {
            run: {"manifest.json": 1, "part.json": 1} for run in self.manifests
        }
        for key in self.objects:
            folder, _, name = key.rpartition("/")
            folders.setdefault(Run.of(f"{folder}/"), {})[name] = 100
        return Purge(
            sets=tuple(self.sets.values()),
            manifests=dict(self.manifests),
            folders=folders,
            incarnation="one",
            now=self.now,
            keep=keep,
            locked_days=locked_days,
            pinned=pinned,
            logs=tuple(self.logs),
        )

    def delete(self, keys: Collection[str]) -> None:
        self.objects -= set(keys)
        self.logs = {one for one in self.logs if one.key not in keys}
        self.sets = {key: one for key, one in self.sets.items() if key not in keys}
        self.manifests = {r: one for r, one in self.manifests.items() if r.manifest not in keys}

    def back_up(self, contents: Collection[str]) -> None:
        """Both slots, and the set that they make."""
        for slot in SLOTS:
            self.begin(slot, self.epochs[slot], contents)
            self.finish(slot, self.epochs[slot])
        self.assemble()
