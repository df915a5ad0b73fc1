"""A commit log as Cassandra writes one, without a Cassandra."""

import struct
import zlib
from pathlib import Path
from typing import Any

from paved_road_ring_backup.log_shipping import LogShipping
from paved_road_ring_backup.store import Store
from tests.backup.shipments import owner
from tests.backup.stories import NOON

SEGMENT_BYTES = 1_000
FIRST = NOON * 1_000


def _crc(*numbers: int, more: bytes = b"") -> int:
    return zlib.crc32(b"".join(struct.pack(">I", number) for number in numbers) + more)


def header(segment: int, parameters: bytes = b"{}") -> bytes:
    """Of a file of version 7."""
    own = (segment & 0xFFFFFFFF, segment >> 32)
    crc = _crc(7, *own, len(parameters), more=parameters)
    return struct.pack(">iqH", 7, segment, len(parameters)) + parameters + struct.pack(">I", crc)


def section(segment: int, at: int, row: bytes) -> bytes:
    """A marker that stands at `at`, and what it says is whole."""
    end = at + 8 + len(row)
    return struct.pack(">II", end, _crc(segment & 0xFFFFFFFF, segment >> 32, at)) + row


class SmallLog:
    """Segments of `folder / "live"`, closed ones linked into `folder / "archived"`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.live, self.archived = folder, folder / "live", folder / "archived"
        for one in (self.live, self.archived):
            one.mkdir(parents=True)
        self.segment = FIRST
        self.contents: dict[int, bytes] = {}
        """Of all segments, as far as they are whole."""
        self.ends: list[int] = []
        """Of the sections of the one that is written to; the first of its header."""
        self._open()

    def write(self, row: bytes) -> None:
        """One more section, and behind it a row that is not synced yet."""
        own = self.segment
        self.contents[own] += section(own, len(self.contents[own]), row)
        self.ends.append(len(self.contents[own]))
        self._put(self.contents[own] + bytes(8) + b"not synced")

    def close(self, at: int | None = None) -> None:
        """Go on in another segment, which is made at that moment."""
        self.place.with_name("link").unlink(missing_ok=True)
        (self.archived / self.place.name).hardlink_to(self.place)
        self.segment = max(self.segment + 1, 1_000 * at if at else 0)
        self._open()

    def flush(self) -> None:
        """Rows are in tables now: closed segments go."""
        for place in self.live.iterdir():
            if place != self.place:
                place.unlink()

    @property
    def place(self) -> Path:
        return self.live / f"CommitLog-7-{self.segment}.log"

    def _open(self) -> None:
        own = self.segment
        self.contents[own] = header(own)
        self.ends = [len(header(own))]
        self.place.touch()
        self._put(self.contents[own])

    def _put(self, content: bytes) -> None:
        """Into the file that is there: Cassandra maps it."""
        with self.place.open("r+b") as stream:
            stream.write(content.ljust(SEGMENT_BYTES, b"\0"))


def shipping(log: SmallLog, store: Store, **changed: Any) -> LogShipping:
    """Slot a0's under epoch 1, at noon, on a disk with room."""
    given: dict[str, Any] = {
        "owner": owner(1),
        "store": store,
        "live": log.live,
        "archived": log.archived,
        "memory": log.folder / "backup",
        "schema": lambda: "s1",
        "clock": lambda: NOON + 0.7,
        "usage": lambda _: (100_000, 0, 0),
    }
    return LogShipping(**{**given, **changed})
