"""Puts a bundle on a machine: verified file by file, whole or not at all.

One file with nothing but the standard library, since an instance runs it before it has anything
else: `python3 install.py ARCHIVE SHA256 TARGET` prints the folder with the software. SHA256 is that
of the bundle's manifest, which comes first in the archive and names the SHA-256 of every file.
"""

import hashlib
import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import IO

MANIFEST, FORMAT = "manifest.json", 2
"""The manifest's place in the archive; the format changes when an older installer would err."""
LARGEST_MANIFEST = 2**20


class InstallError(Exception):
    """What was refused, and why. Nothing was left behind."""


def install(archive: Path, sha256: str, target: Path) -> Path:
    """Unpack the archive to a folder of `target` named after its checksum, and return that.

    A folder that stands already is verified and returned; the archive is not read then. Any number
    of processes may install at once. Raises `InstallError`.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise InstallError(f"{sha256!r} is no SHA-256 in lower-case hex: nothing was installed")
    folder = target / sha256
    if folder.is_dir():
        verify(folder)
        return folder
    target.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".installing-", dir=target))
    try:
        with archive.open("rb") as stream:
            _unpack(archive.name, stream, sha256, scratch)
        _flush(scratch)
        scratch.chmod(0o755)
        _settle(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def verify(folder: Path) -> None:
    """Compare every file of an installed bundle with the checksum that its folder is named after.

    What Python compiled beside the agent is not ours.
    """
    try:
        manifest = (folder / MANIFEST).read_bytes()
    except FileNotFoundError:
        raise InstallError(f"{folder.name} holds no {MANIFEST}: it is no bundle") from None
    expected = _files(folder.name, manifest, folder.name)
    found = {
        file.relative_to(folder).as_posix(): file
        for file in folder.rglob("*")
        if not file.is_dir() and "__pycache__" not in file.parts
    }
    del found[MANIFEST]
    if strange := sorted(expected.keys() ^ found.keys()):
        raise InstallError(f"{folder.name}: {strange[0]} is missing or not in the manifest")
    for name, file in found.items():
        with file.open("rb") as stream:
            digest = _copy(stream, None)
        if digest != expected[name]:
            raise InstallError(
                f"{folder.name}: {name} is damaged: expected sha256 {expected[name]}, found "
                f"{digest}; remove the folder and install again"
            )


def _unpack(archive: str, stream: IO[bytes], sha256: str, scratch: Path) -> None:
    """Write nothing but what the manifest names, and fail unless all of it was there."""
    try:
        with tarfile.open(fileobj=stream, mode="r:") as tar:
            first = tar.next()
            if first is None or first.name != MANIFEST or first.size > LARGEST_MANIFEST:
                raise InstallError(f"{archive} does not begin with {MANIFEST}: it is no bundle")
            manifest = _content(tar, first).read()
            missing = _files(archive, manifest, sha256)
            (scratch / MANIFEST).write_bytes(manifest)
            while member := tar.next():
                _write(_content(tar, member), member.name, missing.pop(member.name, None), scratch)
    except tarfile.TarError as error:
        raise InstallError(f"{archive} is no archive or breaks off: {error}") from error
    if missing:
        raise InstallError(f"{archive}: {min(missing)} is missing: nothing was installed")


def _files(what: str, manifest: bytes, sha256: str) -> "dict[str, str]":
    """Checksums by name, of a manifest that is the one that was asked for."""
    found = hashlib.sha256(manifest).hexdigest()
    if found != sha256:
        raise InstallError(
            f"{what} is another bundle: expected a manifest with sha256 {sha256}, found {found}; "
            "nothing of it is used"
        )
    facts = json.loads(manifest)
    if facts["format"] != FORMAT:
        raise InstallError(
            f"this installer knows bundles of format {FORMAT}, not {facts['format']}: use the "
            "installer of the release that packed it"
        )
    return dict(facts["files"])


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    path = PurePosixPath(member.name)
    content = tar.extractfile(member) if member.isreg() else None
    if content is None or path.is_absolute() or ".." in path.parts:
        raise InstallError(
            f"{member.name!r} is no plain file inside the bundle: nothing was installed"
        )
    return content


def _write(content: IO[bytes], name: str, expected: "str | None", scratch: Path) -> None:
    if expected is None:
        raise InstallError(f"{name!r} is not in the manifest or comes twice: nothing was installed")
    file = scratch / name
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as target:
        found = _copy(content, target)
    if found != expected:
        raise InstallError(
            f"{name} is not what the manifest names: expected sha256 {expected}, found {found}; "
            "nothing was installed"
        )


def _flush(folder: Path) -> None:
    """A folder that has its name after a power loss has its bytes too."""
    for file in folder.rglob("*"):
        handle = os.open(file, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _settle(scratch: Path, folder: Path) -> None:
    """Give it its name; if another process was first, check what that one installed."""
    try:
        scratch.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        verify(folder)


def _copy(source: IO[bytes], target: "IO[bytes] | None") -> str:
    """The SHA-256 of what is left of a stream, written to `target` on the way if there is one."""
    digest = hashlib.sha256()
    while chunk := source.read(2**20):
        digest.update(chunk)
        if target is not None:
            target.write(chunk)
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{install(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))}\n")
    except (InstallError, OSError) as error:
        sys.exit(f"install: {error}")
