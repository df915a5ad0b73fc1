"""Puts a bundle on a machine: verified before a byte is unpacked, whole or not at all.

One file with nothing but the standard library, since an instance runs it before it has anything
else: `python3 install.py ARCHIVE SHA256 TARGET` prints the folder with the software.
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

MANIFEST, FORMAT = "manifest.json", 1
"""The manifest's place in the archive; the format changes when an older installer would err."""


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
    with archive.open("rb") as stream:
        # The same open file is hashed and unpacked: nobody can put another one between.
        found = _digest(stream)
        if found != sha256:
            raise InstallError(
                f"{archive.name} was not unpacked: expected sha256 {sha256}, found {found}"
            )
        stream.seek(0)
        target.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".installing-", dir=target))
        try:
            _unpack(stream, scratch)
            verify(scratch)
            _flush(scratch)
            scratch.chmod(0o755)
            _settle(scratch, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return folder


def verify(folder: Path) -> None:
    """Compare every file with the manifest. What Python compiled beside the agent is not ours."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InstallError(f"{folder.name} holds no {MANIFEST}: it is no bundle") from None
    if manifest["format"] != FORMAT:
        raise InstallError(
            f"this installer knows bundles of format {FORMAT}, not {manifest['format']}: use the "
            "installer of the release that packed it"
        )
    expected = manifest["files"]
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
            digest = _digest(stream)
        if digest != expected[name]:
            raise InstallError(
                f"{folder.name}: {name} is damaged: expected sha256 {expected[name]}, found "
                f"{digest}; remove the folder and install again"
            )


def _unpack(stream: IO[bytes], scratch: Path) -> None:
    with tarfile.open(fileobj=stream, mode="r:") as tar:
        members = tar.getmembers()
        for member in members:
            path = PurePosixPath(member.name)
            if not member.isreg() or path.is_absolute() or ".." in path.parts:
                raise InstallError(
                    f"{member.name!r} is no plain file inside the bundle: nothing was installed"
                )
        tar.extractall(scratch, members=members, filter="data")


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


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in iter(lambda: stream.read(2**20), b""):
        digest.update(chunk)
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{install(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))}\n")
    except (InstallError, OSError) as error:
        sys.exit(f"install: {error}")
