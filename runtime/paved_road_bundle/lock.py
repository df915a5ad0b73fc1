"""Which Cassandra, and every jar it runs on: `cassandra.lock.toml`.

Without addresses, so that a company's mirror serves as well as the public repository.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

from paved_road_contract.digests import sha256_of

LOCK = Path(__file__).with_name("cassandra.lock.toml")

EXCLUDED: Mapping[str, str] = {
    "*-osx-*": "macOS: nodes run Linux",
    "*-windows-*": "Windows: nodes run Linux",
    "*-linux-riscv64": "EC2 has x86_64 and aarch_64",
    "*-linux-*_32": "EC2 has x86_64 and aarch_64",
}
"""Jars no node can use, by the end of their names, and why. Natives of other systems *inside* a jar
(jna, jffi, zstd, snappy, lz4) stay: a jar is taken whole or its checksum is worth nothing."""

HEADER = """\
# What a node of a ring runs: Apache Cassandra and everything on its class path, byte by byte.
# Written by `paved-road bundle lock`; never by hand.
"""


@dataclass(frozen=True, order=True, kw_only=True)
class Artifact:
    """One jar, by its Maven coordinates and its bytes."""

    group: str
    artifact: str
    version: str
    classifier: str = ""
    sha256: str
    size: int

    @property
    def file(self) -> str:
        """Its name on a class path."""
        return f"{stem(self.artifact, self.version, self.classifier)}.jar"

    @property
    def path(self) -> str:
        """Its place in any repository with Maven's default layout."""
        return "/".join([*self.group.split("."), self.artifact, self.version, self.file])

    def is_whole(self, file: Path) -> bool:
        """Whether the file is there and is this artifact."""
        return (
            file.is_file() and file.stat().st_size == self.size and sha256_of(file) == self.sha256
        )


@dataclass(frozen=True)
class Lock:
    """Cassandra's version and the jars of a node, sorted."""

    cassandra: str
    artifacts: tuple[Artifact, ...]

    @cached_property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(artifact.size for artifact in self.artifacts)

    @classmethod
    def read(cls, file: Path = LOCK) -> "Lock":
        """The lock that this version of the product was tested with."""
        found = tomllib.loads(file.read_text(encoding="utf-8"))
        artifacts = (Artifact(**entry) for entry in found["artifact"])
        return cls(found["cassandra"], tuple(sorted(artifacts)))

    def write(self, file: Path = LOCK) -> None:
        """Write it so that a change of one jar is a change of a few lines."""
        parts = [HEADER, f'cassandra = "{self.cassandra}"\n']
        for artifact in sorted(self.artifacts):
            facts = {name: value for name, value in asdict(artifact).items() if value}
            lines = (f"{name} = {_toml(value)}\n" for name, value in facts.items())
            parts.append("\n[[artifact]]\n" + "".join(lines))
        file.write_text("".join(parts), encoding="utf-8")


def stem(artifact: str, version: str, classifier: str) -> str:
    """A jar's name without its ending."""
    return "-".join(filter(None, [artifact, version, classifier]))


def excluded(name: str) -> str | None:
    """Why a jar of this name (without its ending) is left out; None if it is not."""
    return next((why for pattern, why in EXCLUDED.items() if fnmatch(name, pattern)), None)


def _toml(value: str | int) -> str:
    """Coordinates and digests have no character that TOML would escape."""
    return f'"{value}"' if isinstance(value, str) else str(value)
