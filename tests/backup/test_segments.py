"""How far a commit log's file is whole, whatever was cut off it or damaged."""

from io import BytesIO
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_backup.segments import (
    SegmentUnreadableError,
    file_name,
    reach,
    segments_in,
)
from tests.backup.small_log import FIRST, header, section

rows = st.lists(st.binary(min_size=1, max_size=20), max_size=5)


def segment(content: list[bytes]) -> tuple[bytes, list[int]]:
    """A file, and where it may end."""
    whole, ends = header(FIRST), [0]
    for row in content:
        whole += section(FIRST, len(whole), row)
        ends.append(len(whole))
    return whole, ends


@given(rows, st.integers(0, 200), st.binary(max_size=20))
def test_it_is_whole_until_the_last_section_that_is(
    content: list[bytes], cut: int, tail: bytes
) -> None:
    whole, ends = segment(content)
    assert reach(BytesIO(whole + bytes(8) + tail), FIRST).end == ends[-1]
    assert reach(BytesIO(whole[:cut]), FIRST).end == max(end for end in ends if end <= cut)


@given(rows, st.data())
def test_it_may_be_read_on_from_any_end(content: list[bytes], data: st.DataObject) -> None:
    whole, ends = segment(content)
    start = data.draw(st.sampled_from(ends))
    assert reach(BytesIO(whole), FIRST, start).end == ends[-1]


@given(rows, st.integers(0, 100), st.integers(1, 255))
def test_a_checksum_that_is_damaged_ends_it(content: list[bytes], place: int, bits: int) -> None:
    whole, ends = segment(content)
    markers = [*accumulate([len(header(FIRST)), *(8 + len(row) for row in content)])][:-1]
    damaged = bytearray(whole)
    for number, marker in enumerate(markers):
        if marker + 4 <= place < marker + 8:
            damaged[place] ^= bits
            assert reach(BytesIO(bytes(damaged)), FIRST).end <= ends[number]


def test_an_end_that_is_only_half_written_is_none() -> None:
    whole, ends = segment([b"a" * 300, b"b" * 300])
    half = bytearray(whole + bytes(8))
    # 0x0288 becomes 0x0200, which is in the middle of the section.
    half[ends[1] + 3] = 0
    assert reach(BytesIO(bytes(half)), FIRST).end == ends[1]
    # The next marker's end is there, and its checksum is not yet.
    begun = whole + b"\x00\x00\x04\x00" + bytes(4) + b"c" * 100
    assert reach(BytesIO(begun), FIRST).end == ends[2]


def test_a_segment_of_another_id_or_kind_is_refused() -> None:
    with pytest.raises(SegmentUnreadableError, match="only versions 7 and 8 are read"):
        reach(BytesIO(header(FIRST)), FIRST + 1)
    with pytest.raises(SegmentUnreadableError, match="compression"):
        reach(BytesIO(header(FIRST, b'{"compressionClass":"LZ4Compressor"}')), FIRST)


def test_segments_are_known_by_their_names(tmp_path: Path) -> None:
    for name in (file_name(20, header(20)), "CommitLog-8-3.log", "CommitLog-7-4.log.part", "x"):
        (tmp_path / name).touch()
    assert list(segments_in(tmp_path)) == [3, 20]
    assert segments_in(tmp_path / "none") == {}
