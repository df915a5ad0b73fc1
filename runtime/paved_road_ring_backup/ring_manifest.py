"""The ring's manifest: which runs of its nodes make one whole data center."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.documents import ManifestError, digest, read, written
from paved_road_ring_backup.keys import KeyShapeError, Past, Run, moment_of, stamp
from paved_road_ring_backup.node_manifest import Facts, NodeManifest


@dataclass(frozen=True, kw_only=True)
class Part:
    """One node's manifest as the ring's has it: which, its checksum, and its size in bytes."""

    run: Run
    facts: Facts
    sha256: str
    size: int
    files: int

    @classmethod
    def of(cls, manifest: NodeManifest) -> "Part":
        """What a node reports when it has written its manifest."""
        return cls(
            run=manifest.run,
            facts=manifest.facts,
            sha256=digest(manifest.to_json()),
            size=manifest.size,
            files=len(manifest.files),
        )

    def to_json(self) -> bytes:
        """As it stands beside the node's manifest."""
        return written(_facts(self))

    @classmethod
    def from_json(cls, content: bytes) -> "Part":
        """What `to_json` wrote. Raises `ManifestError`."""
        return _part(read(content))


@dataclass(frozen=True, kw_only=True)
class RingManifest:
    """Which runs make one whole data center. Written once, after all of them.

    `racks` are in the order of their tokens; `base`, `dc` and `nodes_per_rack` are its shape.
    """

    past: Past
    moment: int
    racks: tuple[str, ...]
    base: int
    dc: int
    nodes_per_rack: int
    parts: tuple[Part, ...]

    @property
    def key(self) -> str:
        """Where it stands."""
        return self.past.set_key(self.moment)

    @property
    def whole_until(self) -> int:
        """What was acknowledged before this is in it: the moment of the oldest snapshot."""
        return min(part.run.moment for part in self.parts)

    @property
    def settled(self) -> int:
        """Nothing that was written later is in it: the moment after the last snapshot."""
        return max(max(part.run.moment, part.facts.taken) for part in self.parts)

    def by_slot(self) -> Mapping[Slot, Part]:
        """Its parts."""
        return {part.run.slot: part for part in self.parts}

    def to_json(self) -> bytes:
        """As it is stored."""
        parts = [_facts(part) for part in self.parts]
        return written({**asdict(self), "moment": stamp(self.moment), "parts": parts})

    @classmethod
    def from_json(cls, content: bytes) -> "RingManifest":
        """What `to_json` wrote. Raises `ManifestError`."""
        given = read(content)
        try:
            made = {
                "past": Past(**given["past"]),
                "moment": moment_of(given["moment"]),
                "racks": tuple(given["racks"]),
                "parts": tuple(_part(one) for one in given["parts"]),
            }
            return cls(**(given | made))
        except (KeyError, KeyShapeError, TypeError, ValueError) as error:
            raise ManifestError(f"not a ring's manifest: {error}") from error


def _facts(part: Part) -> dict[str, Any]:
    return {**asdict(part), "run": part.run.folder}


def _part(given: Mapping[str, Any]) -> Part:
    try:
        return Part(**{**given, "run": Run.of(given["run"]), "facts": Facts.of(given["facts"])})
    except (KeyError, KeyShapeError, TypeError) as error:
        raise ManifestError(f"not a part of a ring's manifest: {error}") from error
