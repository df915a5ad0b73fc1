"""Segments of Cassandra's commit log: which bytes of a file are whole, and what a file is called.

A segment is a header and sections. Before each section stands a marker of eight bytes: where the
section ends and a checksum of the segment's id and the marker's place. It is written when all of
the section is, so bytes behind the last good marker belong to nobody yet. Cassandra itself reads
files this way (`CommitLogDescriptor`, `CommitLogSegmentReader`): a file that is cut off at the end
of a section is a whole one.
"""

import os
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

VERSIONS = (7, 8)
"""Of Cassandra 4.0 and 5.0, which writes the older one as long as 4.0 should be able to read it."""
_NAME = re.compile(r"CommitLog-[78]-(\d+)\.log")
_HEADER = struct.Struct(">iqH")
_MARKER = struct.Struct(">iI")


class SegmentUnreadableError(Exception):
    """A file that is no segment, or one of a version that nobody here knows."""


def file_name(segment: int, beginning: bytes) -> str:
    """As Cassandra names a segment's file, which begins so: it compares both."""
    return f"CommitLog-{int.from_bytes(beginning[:4])}-{segment}.log"


def segments_in(folder: Path) -> dict[int, Path]:
    """Files of segments in a folder, by their ids, the oldest first; none if it is not there."""
    if not folder.is_dir():
        return {}
    found = ((_NAME.fullmatch(place.name), place) for place in folder.iterdir())
    return dict(sorted((int(match[1]), place) for match, place in found if match))


@dataclass(frozen=True)
class Reach:
    """How far a segment's file is whole, in bytes from its beginning.

    `damaged`: behind it stands something that begins no section. While Cassandra writes the file
    that is one on its way; of a file that it closed, nobody can read what follows.
    """

    start: int
    end: int
    damaged: bool = False


def reach(stream: BinaryIO, segment: int, start: int = 0) -> Reach:
    """What is whole behind `start`, which is 0 or the end of an earlier `reach`.

    Nothing (`end` equals `start`) of a file without any section. Raises `SegmentUnreadableError`.
    """
    end, place = start, start or _header_end(stream, segment)
    while place and (following := _section_end(stream, segment, place)):
        end = place = following
    return Reach(start, end, damaged=_is_damaged(stream, place))


def _is_damaged(stream: BinaryIO, place: int) -> bool:
    """Where nothing was written Cassandra leaves zeros, the next marker's before any other's."""
    stream.seek(place)
    found = stream.read(_MARKER.size)
    return len(found) == _MARKER.size and any(found)


def _header_end(stream: BinaryIO, segment: int) -> int:
    """0 if there is no header yet."""
    stream.seek(0)
    head = stream.read(_HEADER.size)
    if len(head) < _HEADER.size or not any(head):
        return 0
    version, own, length = _HEADER.unpack(head)
    parameters = stream.read(length)
    (crc,) = struct.unpack(">I", stream.read(4).rjust(4, b"\0"))
    told = _integers(version, own & 0xFFFFFFFF, own >> 32, length) + parameters
    if crc != zlib.crc32(told):
        return 0
    if version not in VERSIONS or own != segment or parameters not in (b"{}", b""):
        raise SegmentUnreadableError(
            f"segment {segment} has version {version}, id {own} and parameters {parameters!r}: "
            "only versions 7 and 8 are read, without compression and encryption"
        )
    return stream.tell()


def _section_end(stream: BinaryIO, segment: int, offset: int) -> int:
    """Where the section ends whose marker is at `offset`; 0 if there is none yet.

    The checksum is not of the end. But a marker comes next, or room for one that was cleared before
    this one was written; an end of which only some bytes were there yet points to neither.
    """
    end, crc = _marker(stream, offset)
    if crc != _right(segment, offset) or not offset < end <= stream.seek(0, os.SEEK_END):
        return 0
    return end if _marker(stream, end)[1] in {0, _right(segment, end)} else 0


def _marker(stream: BinaryIO, offset: int) -> tuple[int, int]:
    """An end and a checksum; zeros where there is no room for them."""
    stream.seek(offset)
    found = stream.read(_MARKER.size)
    return _MARKER.unpack(found) if len(found) == _MARKER.size else (0, 0)


def _right(segment: int, offset: int) -> int:
    return zlib.crc32(_integers(segment & 0xFFFFFFFF, segment >> 32, offset))


def _integers(*numbers: int) -> bytes:
    """As Cassandra's checksums take them: four bytes each."""
    return b"".join(struct.pack(">I", number & 0xFFFFFFFF) for number in numbers)
