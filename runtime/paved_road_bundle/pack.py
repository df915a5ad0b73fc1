"""One archive from jars, the agent's source and, once there are any, wheels.

The same inputs give the same bytes on any machine: names are sorted, and no time, owner or mode of
the machine's gets in. Not compressed: jars are already, and 60 MB load in a second inside a region.
"""

import json
import os
import tarfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from paved_road_bundle.bundle import Bundle
from paved_road_bundle.errors import RefusedError
from paved_road_bundle.install import FORMAT, MANIFEST
from paved_road_bundle.lock import Lock, sha256_of

RUNTIME = Path(__file__).parents[1]
AGENT = (RUNTIME / "paved_road_ring_agent", RUNTIME / "paved_road_contract")
JVM_OPTIONS = Path(__file__).with_name("jvm.options")
SOURCES = {".csv", ".json", ".py", ".sh", ".toml", ".typed"}
"""What of a package's folder is part of it; what editors and Python leave there is not."""


def pack(
    lock: Lock,
    cache: Path,
    folder: Path,
    *,
    packages: Sequence[Path] = AGENT,
    wheels: Path | None = None,
) -> Bundle:
    """Pack what `fetch` put into the cache, into `folder`.

    - `packages`: folders of pure Python packages, for `agent/`.
    - `wheels`: a folder of the agent's dependencies as wheels, for `wheels/`; none by default, and
      an instance then brings what the agent imports.
    """
    files = _files(lock, cache, packages, wheels)
    digests = {name: sha256_of(file) for name, file in files.items()}
    for artifact in lock.artifacts:
        if digests[f"lib/{artifact.file}"] != artifact.sha256:
            raise RefusedError(
                f"{artifact.file} in the cache is not what the lock names: fetch it again"
            )
    manifest = {"format": FORMAT, "cassandra": lock.cassandra, "files": digests}
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".packing-{os.getpid()}"
    try:
        _write(beside, files, text.encode())
        digest = sha256_of(beside)
        bundle = Bundle(path=beside, version=lock.cassandra, sha256=digest)
        bundle = Bundle(path=folder / bundle.name, version=lock.cassandra, sha256=digest)
        beside.replace(bundle.path)
    finally:
        beside.unlink(missing_ok=True)
    return bundle


def _files(
    lock: Lock, cache: Path, packages: Sequence[Path], wheels: Path | None
) -> Mapping[str, Path]:
    """Every file by its name in the archive."""
    files = {"jvm.options": JVM_OPTIONS}
    for artifact in lock.artifacts:
        name, file = f"lib/{artifact.file}", cache / artifact.path
        if name in files:
            raise RefusedError(f"two artifacts of the lock are both named {artifact.file}")
        if not file.is_file():
            raise RefusedError(f"{artifact.file} is not in the cache: fetch it first")
        files[name] = file
    for package in packages:
        for file in package.rglob("*"):
            if file.suffix in SOURCES or file.name == "py.typed":
                files[f"agent/{file.relative_to(package.parent).as_posix()}"] = file
    for wheel in sorted(wheels.glob("*.whl")) if wheels else ():
        files[f"wheels/{wheel.name}"] = wheel
    return files


def _write(archive: Path, files: Mapping[str, Path], manifest: bytes) -> None:
    with tarfile.open(archive, "w:", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(_member(MANIFEST, len(manifest)), BytesIO(manifest))
        for name in sorted(files):
            with files[name].open("rb") as stream:
                tar.addfile(_member(name, files[name].stat().st_size), stream)


def _member(name: str, size: int) -> tarfile.TarInfo:
    """A file of nobody's, made at no time."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o644, 0
    return member
