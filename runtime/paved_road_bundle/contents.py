"""What is in a bundle, file by file, known before a jar is downloaded.

Jars and wheels by the checksums in their locks, sources by their bytes. From that alone follows the
manifest, and from the manifest the bundle's identity.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from paved_road_bundle.bundle import BundlePin
from paved_road_bundle.errors import RefusedError
from paved_road_bundle.install import FORMAT
from paved_road_bundle.lock import Lock
from paved_road_bundle.wheels import LOCK as WHEELS_LOCK
from paved_road_bundle.wheels import WheelLock
from paved_road_contract.digests import sha256_of

HERE = Path(__file__).parent
AGENT = tuple(
    HERE.parent / name
    for name in (
        "paved_road_ring_node",
        "paved_road_ring_agent",
        "paved_road_ring_backup",
        "paved_road_contract",
    )
)
BOOT = HERE / "boot"
SOURCES = {".csv", ".json", ".py", ".sh", ".toml", ".typed"}
BOOT_FILES = {".conf", ".json", ".service", ".sh"}
"""What of a folder is part of it; what editors and Python leave there is not."""


@dataclass(frozen=True)
class Part:
    """One file: its digest, and where its bytes are, below the cache if the path is relative."""

    sha256: str
    path: Path


@dataclass(frozen=True)
class Contents:
    """A bundle's files by their names in it."""

    cassandra: str
    parts: Mapping[str, Part]

    @classmethod
    def of_this_version(cls) -> "Contents":
        """By the locks and sources that stand beside this file."""
        return cls.of(Lock.read(), WheelLock.read())

    @classmethod
    def of(cls, jars: Lock, wheels: WheelLock, *, packages: Sequence[Path] = AGENT) -> "Contents":
        """`packages` are folders of pure Python packages, for `agent/`."""
        parts = {
            "install.py": _source(HERE / "install.py"),
            "jvm.options": _source(HERE / "jvm.options"),
            f"wheels/{WHEELS_LOCK.name}": _source(wheels.file),
        }
        for jar in jars.artifacts:
            if f"lib/{jar.file}" in parts:
                raise RefusedError(f"two artifacts of the lock are both named {jar.file}")
            parts[f"lib/{jar.file}"] = Part(jar.sha256, Path("maven", jar.path))
        for wheel in wheels.wheels:
            parts[f"wheels/{wheel.file}"] = Part(wheel.sha256, Path("wheels", wheel.file))
        for file in BOOT.iterdir():
            if file.suffix in BOOT_FILES:
                parts[f"boot/{file.name}"] = _source(file)
        for package in packages:
            for file in package.rglob("*"):
                if file.suffix in SOURCES or file.name == "py.typed":
                    parts[f"agent/{file.relative_to(package.parent).as_posix()}"] = _source(file)
        return cls(jars.cassandra, dict(sorted(parts.items())))

    @cached_property
    def manifest(self) -> bytes:
        """Of the archive: the same bytes on any machine."""
        files = {name: part.sha256 for name, part in self.parts.items()}
        facts = {"format": FORMAT, "cassandra": self.cassandra, "files": files}
        return (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode()

    @property
    def pin(self) -> BundlePin:
        """What the bundle of these contents is called."""
        return BundlePin(version=self.cassandra, sha256=sha256(self.manifest).hexdigest())


def _source(file: Path) -> Part:
    return Part(sha256_of(file), file.resolve())
