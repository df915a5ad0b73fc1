"""Which logs a restore to a moment reads: every row of any history, or a sentence why not."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_backup.keys import KeyShapeError
from paved_road_ring_backup.log_keys import Piece
from paved_road_ring_backup.log_plan import SlotLogs, kept_for, slot_logs
from paved_road_ring_backup.ring_manifest import Part
from tests.backup.shipments import Row, Writer, owner
from tests.backup.stories import NOON, manifest, run

END = 60


def part(moment: int, epoch: int = 1) -> Part:
    return Part.of(manifest(run("a0", NOON + moment, epoch=epoch)))


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Piece], list[Row]]:
    """Up to three owners after one another; each writes and ships until it dies."""
    pieces: list[Piece] = []
    rows: list[Row] = []
    time = 0
    for epoch in range(1, draw(st.integers(1, 3)) + 1):
        writer = Writer(epoch=epoch, began=time)
        for _ in range(draw(st.integers(1, 12))):
            for _ in range(draw(st.integers(0, 4))):
                writer.write(time)
                time += draw(st.sampled_from([0, 0, 1, 2]))
            if draw(st.booleans()):
                # Its moment is when it begins; rows that come while it reads are in it too.
                begins = time
                for _ in range(draw(st.integers(0, 2))):
                    time += 1
                    writer.write(time)
                writer.ship(begins)
                time += 1
        pieces += writer.pieces
        rows += writer.rows
        # Nobody succeeds within the second: the end of an owner has to be seen first.
        time += draw(st.integers(1, 5))
    return pieces, rows


def is_told(row: Row, found: SlotLogs) -> bool:
    return any(start <= row.time < end for start, end in found.holes)


@given(histories(), st.integers(0, 40), st.integers(0, END), st.data())
def test_each_row_between_snapshot_and_moment_is_read_or_told_whatever_pieces_are_gone(
    history: tuple[list[Piece], list[Row]], snapshot: int, at: int, data: st.DataObject
) -> None:
    pieces, rows = history
    gone = data.draw(st.sets(st.sampled_from(pieces), max_size=2)) if pieces else set()
    left = [one for one in pieces if one not in gone]
    found = slot_logs(left, part(snapshot), NOON + at)
    if found.faults:
        assert gone
        return
    for row in rows:
        if NOON + snapshot <= row.time < NOON + at:
            assert row.is_in(found.pieces) or is_told(row, found)
    assert kept_for(left, part(snapshot)) >= {*found.pieces}


@given(histories(), st.integers(0, 40), st.integers(0, END))
def test_segments_are_whole_from_their_first_byte(
    history: tuple[list[Piece], list[Row]], snapshot: int, at: int
) -> None:
    ends: dict[int, int] = {}
    for one in slot_logs(history[0], part(snapshot), NOON + at).pieces:
        assert one.start == ends.get(one.segment, 0)
        ends[one.segment] = one.end


@given(histories())
def test_a_piece_is_what_its_key_says(history: tuple[list[Piece], list[Row]]) -> None:
    for one in history[0]:
        assert Piece.of(one.owner, one.key) == one


@pytest.mark.parametrize(
    "name", ["", "x", "20251125T120000Z-0000000001-0000-0000-01234567-segment-1-2"]
)
def test_other_keys_are_no_pieces(name: str) -> None:
    with pytest.raises(KeyShapeError, match="no piece of a commit log"):
        Piece.of(owner(1), owner(1).prefix + name)


def quiet(*moments: int) -> Writer:
    writer = Writer(epoch=1)
    writer.write(0)
    for moment in moments:
        writer.ship(moment)
    return writer


def test_what_an_earlier_owner_wrote_is_not_asked_for() -> None:
    writer = quiet(0, 10, 20)
    found = slot_logs(writer.pieces, part(5, epoch=2), NOON + 20)
    assert (found.pieces, found.holes) == ((), ((NOON + 5, NOON + 20),))


def test_a_moment_that_no_logs_reach_is_a_hole_until_then() -> None:
    found = slot_logs(quiet(0, 10, 20).pieces, part(5), NOON + 30)
    assert found.holes == ((NOON + 20, NOON + 30),)


def test_between_two_owners_is_a_hole() -> None:
    second = Writer(epoch=2, began=30)
    second.write(30)
    second.ship(40)
    pieces = [*quiet(0, 10, 20).pieces, *second.pieces]
    assert slot_logs(pieces, part(5), NOON + 35).holes == ((NOON + 20, NOON + 30),)
    # A predecessor that is cut off and ships on fills none of it.
    zombie = quiet(0, 10, 20, 50)
    assert slot_logs([*zombie.pieces, *second.pieces], part(5), NOON + 45).holes == (
        (NOON + 40, NOON + 45),
    )


def test_what_was_dropped_is_refused_with_its_times_unless_it_does_not_matter() -> None:
    writer = quiet(0, 10)
    writer.lose(10, 25, time=30)
    writer.ship(40)
    (fault,) = slot_logs(writer.pieces, part(5), NOON + 35).faults
    assert "slot#us-east-1-g1#a#0000 had to drop the logs" in fault
    assert "between 20251125T120010Z and 20251125T120025Z" in fault
    assert slot_logs(writer.pieces, part(5), NOON + 9).faults == ()
    assert slot_logs(writer.pieces, part(26), NOON + 35).faults == ()


def test_a_schema_that_changed_before_the_moment_is_refused() -> None:
    writer = quiet(0, 10)
    writer.schema = "s2"
    writer.ship(20)
    (fault,) = slot_logs(writer.pieces, part(5), NOON + 15).faults
    assert "schema changed between 20251125T120010Z and 20251125T120020Z" in fault
    assert slot_logs(writer.pieces, part(5), NOON + 10).faults == ()
    after = replace(part(15), facts=replace(part(15).facts, schema="s2"))
    assert slot_logs(writer.pieces, after, NOON + 20).faults == ()
