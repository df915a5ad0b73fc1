"""A node's manifest: which files its snapshot had, and where their contents are."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from paved_road_ring_backup.documents import ManifestError, read, written
from paved_road_ring_backup.keys import KeyShapeError, Run, moment_of, stamp

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, order=True)
class File:
    """One file of a snapshot. `path` is below Cassandra's data directory, `size` in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True, order=True)
class Stored:
    """A file, and the run whose folder has its content."""

    file: File
    run: Run

    @property
    def keyspace(self) -> str:
        """Whose file it is."""
        return self.file.path.partition("/")[0]

    @property
    def key(self) -> str:
        """Where the content is."""
        return self.run.object(self.file.sha256)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a restore must know of a node besides its files.

    `cassandra` is the version that wrote them, `schema` the version of the schema that the ring
    had agreed on, `token` the slot's, `host_id` the member's that is lost with it. `keyspaces` are
    all that the backup has, those without a row too. Nothing later than `taken`, in seconds since
    1970, is in it; 0 in manifests from before this was written down.
    """

    host_id: str
    token: int
    cassandra: str
    schema: str
    keyspaces: tuple[str, ...] = ()
    taken: int = 0

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Facts":
        """As JSON has them. Raises `TypeError` for what are others."""
        return cls(**{**given, "keyspaces": tuple(given.get("keyspaces", ()))})


@dataclass(frozen=True, kw_only=True)
class NodeManifest:
    """All files of one node at `run.moment`, wherever they are stored.

    `ended` is when it was written, in seconds since 1970 by the node's clock.
    """

    run: Run
    facts: Facts
    ended: int
    files: tuple[Stored, ...]

    @property
    def size(self) -> int:
        """What a restore downloads, in bytes."""
        return sum(one.file.size for one in self.files)

    @cached_property
    def objects(self) -> frozenset[str]:
        """Keys of all contents it needs."""
        return frozenset(one.key for one in self.files)

    def to_json(self) -> bytes:
        """As it is stored; each folder is named once."""
        folders = sorted({one.run.folder for one in self.files})
        number = {folder: place for place, folder in enumerate(folders)}
        return written(
            {
                "run": self.run.folder,
                "facts": asdict(self.facts),
                "ended": stamp(self.ended),
                "folders": folders,
                "files": [
                    [one.file.path, one.file.size, one.file.sha256, number[one.run.folder]]
                    for one in sorted(self.files)
                ],
            }
        )

    @classmethod
    def from_json(cls, content: bytes) -> "NodeManifest":
        """What `to_json` wrote. Raises `ManifestError`."""
        given = read(content)
        try:
            runs = [Run.of(folder) for folder in given["folders"]]
            return cls(
                run=Run.of(given["run"]),
                facts=Facts.of(given["facts"]),
                ended=moment_of(given["ended"]),
                files=tuple(
                    Stored(file=_file(path, size, digest), run=runs[number])
                    for path, size, digest, number in given["files"]
                ),
            )
        except (IndexError, KeyError, KeyShapeError, TypeError, ValueError) as error:
            raise ManifestError(f"not a node's manifest: {error}") from error


def _file(path: str, size: int, sha256: str) -> File:
    """A restore writes where manifests say, so they may name nothing outside the data directory."""
    parts = PurePosixPath(path).parts
    if len(parts) < 3 or path.startswith("/") or ".." in parts:
        raise ManifestError(f"{path!r} is no file of a table's directory")
    if not _SHA256.fullmatch(sha256) or size < 0:
        raise ManifestError(f"{path!r} has no checksum or size")
    return File(path=path, size=size, sha256=sha256)
