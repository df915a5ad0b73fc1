"""What a restore of a whole data center would do, or every reason why it must not."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from paved_road_ring_agent.facts import Birth, Slot
from paved_road_ring_agent.tokens import ShapeError
from paved_road_ring_backup.documents import ManifestError, digest
from paved_road_ring_backup.node_manifest import NodeManifest, Stored
from paved_road_ring_backup.parents import source
from paved_road_ring_backup.ring_manifest import Part, RingManifest
from paved_road_ring_backup.snapshots import LEFT_OUT

MOST_OF_DISK = 0.6
"""Of a node's disk may be full after a restore: compaction needs room, and the disk alarm says so
from here on."""


class RestoreRefusedError(Exception):
    """A restore that would not give the ring back, with all reasons."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The ring that is to come back, as it is deployed now.

    `living` are instances that run a node of the ring, or may; a restore never overwrites one.
    `came_from` is the data center whose backup is meant, if that is another one.
    `cassandra` is the version that its nodes run, `disk_bytes` what the data disks of one hold and
    `bits_per_second` what its network does (`paved_road_contract/instances.csv`).
    """

    ring: str
    data_center: str
    racks: tuple[str, ...]
    nodes_per_rack: int
    cassandra: str
    living: Collection[str]
    disk_bytes: int
    bits_per_second: float
    came_from: str = ""


@dataclass(frozen=True, kw_only=True)
class Fill:
    """What one slot downloads, and the slot whose backup it is: another one after growth."""

    source: Slot
    files: tuple[Stored, ...]

    @classmethod
    def of(cls, node: NodeManifest) -> "Fill":
        """From a slot's run in the set; those from before a keyspace was left out have it."""
        files = tuple(one for one in node.files if one.keyspace not in LEFT_OUT)
        return cls(source=node.run.slot, files=files)

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(one.file.size for one in self.files)


@dataclass(frozen=True, kw_only=True)
class RestorePlan:
    """All slots at once, each its own part: the ring is back when the largest has come."""

    manifest: RingManifest
    fills: Mapping[Slot, Fill]
    bits_per_second: float

    @property
    def size(self) -> int:
        """Bytes of all slots together."""
        return sum(fill.size for fill in self.fills.values())

    @property
    def seconds(self) -> float:
        """Of the largest download, if nothing but the network holds it up."""
        largest = max((fill.size for fill in self.fills.values()), default=0)
        return 8 * largest / self.bits_per_second


def restore_plan(
    manifest: RingManifest, contents: Mapping[str, bytes], target: Target
) -> RestorePlan:
    """`contents` are the node manifests by key, as they were read. Raises `RestoreRefusedError`."""
    faults = [*_other_ring(manifest, target), *_other_shape(manifest, target)]
    nodes: dict[Slot, NodeManifest] = {}
    for slot, part in manifest.by_slot().items():
        try:
            nodes[slot] = believed(part, contents.get(part.run.manifest))
        except ManifestError as error:
            faults.append(str(error))
    if faults:
        raise RestoreRefusedError("; ".join(faults))
    birth = _birth(manifest, target.racks)
    fills = {
        slot: Fill.of(nodes[source(manifest, birth, slot)])
        for slot in birth.slots(target.data_center, target.nodes_per_rack)
    }
    if too_large := [*_too_large(fills, target)]:
        raise RestoreRefusedError("; ".join(too_large))
    return RestorePlan(manifest=manifest, fills=fills, bits_per_second=target.bits_per_second)


def _birth(manifest: RingManifest, racks: tuple[str, ...]) -> Birth:
    return Birth(
        incarnation=manifest.past.incarnation,
        racks=racks,
        base=manifest.base,
        dc=manifest.dc,
    )


def _other_ring(manifest: RingManifest, target: Target) -> Iterator[str]:
    named = (manifest.past.ring, manifest.past.data_center)
    wanted = target.came_from or target.data_center
    if named != (target.ring, wanted):
        yield (
            f"the manifest is of ring {named[0]} in {named[1]}, not of ring {target.ring} "
            f"in {wanted}: --from says which other data center's backup is meant"
        )
    if target.living:
        yield (
            f"the ring lives: {len(target.living)} of its instances run a node or may, the first "
            f"is {min(target.living)}; a restore is for a ring whose instances are all gone"
        )
    newest = max((part.facts.cassandra for part in manifest.parts), key=_version, default="")
    if _version(target.cassandra) < _version(newest):
        yield (
            f"the backup was written by Cassandra {newest} and the nodes run "
            f"{target.cassandra}, which may not read it: deploy the newer bundle first"
        )


def _other_shape(manifest: RingManifest, target: Target) -> Iterator[str]:
    same = manifest.past.data_center == target.data_center
    if manifest.racks != target.racks if same else len(manifest.racks) != len(target.racks):
        yield (
            f"the backup has racks {', '.join(manifest.racks)} and the ring "
            f"{', '.join(target.racks)}"
        )
        return
    had, has = manifest.nodes_per_rack, target.nodes_per_rack
    try:
        grown = Birth(incarnation="", racks=manifest.racks, base=had).shape
        grown.check_size(has)
    except ShapeError:
        yield (
            f"the backup has {had} nodes per rack and the ring {has}: deploy the ring with {had}, "
            "or with that doubled, and change its size afterwards"
        )
    slots = _birth(manifest, manifest.racks).slots(manifest.past.data_center, had)
    missing = [slot for slot in slots if slot not in manifest.by_slot()]
    if missing:
        yield f"the backup lacks {len(missing)} slots, the first is {missing[0].subject}"


def believed(part: Part, content: bytes | None) -> NodeManifest:
    """A node manifest that is what the ring manifest names. Raises `ManifestError` if it is not."""
    if content is None:
        raise ManifestError(f"{part.run.manifest} is missing in the bucket")
    if digest(content) != part.sha256:
        raise ManifestError(
            f"{part.run.manifest} is not what the ring manifest names: its checksum differs"
        )
    return NodeManifest.from_json(content)


def _too_large(fills: Mapping[Slot, Fill], target: Target) -> Iterator[str]:
    for slot, fill in fills.items():
        if fill.size > MOST_OF_DISK * target.disk_bytes:
            yield (
                f"{slot.subject} would fill {fill.size / target.disk_bytes:.0%} of its disk, and "
                f"more than {MOST_OF_DISK:.0%} leaves no room to compact: take a larger instance"
            )


def _version(text: str) -> tuple[int, ...]:
    """`5.0.9` and `5.0.9-SNAPSHOT` alike."""
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])
