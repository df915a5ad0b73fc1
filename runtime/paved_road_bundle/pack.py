"""One archive from jars, wheels and sources.

The same contents give the same bytes on any machine: names are sorted, and no time, owner or mode
of the machine's gets in. Not compressed: jars and wheels are already, and 100 MB load in a second
or two inside a region.
"""

import os
import tarfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from paved_road_bundle.bundle import Bundle
from paved_road_bundle.contents import Contents
from paved_road_bundle.errors import RefusedError
from paved_road_bundle.install import MANIFEST


def pack(contents: Contents, cache: Path, folder: Path) -> Bundle:
    """Pack into `folder` what `fetch` and `fetch_wheels` put into the cache."""
    pin = contents.pin
    bundle = Bundle(path=folder / pin.name, version=pin.version, sha256=pin.sha256)
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f".packing-{os.getpid()}"
    try:
        _write(beside, contents, cache)
        beside.replace(bundle.path)
    finally:
        beside.unlink(missing_ok=True)
    return bundle


def _write(archive: Path, contents: Contents, cache: Path) -> None:
    with tarfile.open(archive, "w:", format=tarfile.PAX_FORMAT) as tar:
        # First, since whoever reads the archive trusts nothing before it has this.
        _add(tar, MANIFEST, contents.manifest)
        for name, part in contents.parts.items():
            try:
                content = (cache / part.path).read_bytes()
            except FileNotFoundError:
                raise RefusedError(f"{name} is not in the cache: fetch it first") from None
            if sha256(content).hexdigest() != part.sha256:
                raise RefusedError(
                    f"{part.path.name} is not what the bundle's manifest names: fetch it again, or "
                    "build again if it is a source that was edited meanwhile"
                )
            _add(tar, name, content)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """A file of nobody's, made at no time."""
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o644, 0
    tar.addfile(member, BytesIO(content))
