"""Checksums of files that never change, each computed once."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from paved_road_contract.digests import sha256_of
from paved_road_ring_agent.layout import read_whole, write_whole
from paved_road_ring_backup.node_manifest import File

HASHERS = 4
"""Threads that compute checksums: a core does 1 to 2 GB/s, and the largest networks bring 4."""


class Digests:
    """Remembers checksums by inode, size and time of change, in a file beside the data.

    Cassandra never writes into a file of a table that is complete: it writes another one in its
    place, which is another inode. Snapshots are links, so all that was there an hour ago is known.
    """

    def __init__(self, memory: Path) -> None:
        self._memory = memory

    def of(self, files: Iterable[tuple[str, Path]]) -> list[File]:
        """Files by their path below the data directory and where they are now."""
        known: dict[str, str] = read_whole(self._memory) or {}
        with ThreadPoolExecutor(HASHERS) as pool:
            found = list(pool.map(lambda one: _mark_and_file(known, *one), files))
        write_whole(self._memory, {mark: file.sha256 for mark, file in found})
        return [file for _, file in found]


def _mark_and_file(known: Mapping[str, str], path: str, place: Path) -> tuple[str, File]:
    status = place.stat()
    mark = f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"
    sha256 = known.get(mark) or sha256_of(place)
    return mark, File(path=path, size=status.st_size, sha256=sha256)
