"""A backup is compared with a ring that has moved on: what is missing is found, and no more."""

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import assume, given
from hypothesis import strategies as st

from paved_road_ring.drills.compare import Tally, Verdict, compare, counted
from paved_road_ring.drills.rows import STATIC, Cell, Key, Rows

MOMENT = 100


def cell(value: str, written: int = 50) -> Cell:
    return Cell(frozenset({value}), written)


def key(number: int, *values: str) -> Key:
    return Key(number, (str(number), *values))


def verdict(source: Mapping[str, Cell] | None, restored: Mapping[str, Cell] | None) -> Verdict:
    rows = [{key(1): one} if one is not None else {} for one in (source, restored)]
    (found,) = compare(rows[0], rows[1], MOMENT).verdicts
    return found


def test_what_was_written_before_the_moment_must_be_there_just_so() -> None:
    assert verdict({"a": cell("x")}, {"a": cell("x")}) is Verdict.SAME
    assert verdict({"a": cell("x")}, None) is Verdict.LOST
    assert verdict({"a": cell("x")}, {}) is Verdict.LOST
    assert verdict({"a": cell("x")}, {"a": cell("x", 49)}) is Verdict.LOST
    assert verdict({"a": cell("x")}, {"a": cell("y")}) is Verdict.DIFFERS
    assert verdict({"a": cell("x", 100)}, None) is Verdict.LOST


def test_what_came_after_the_moment_says_nothing() -> None:
    assert verdict({"a": cell("x", 101)}, None) is Verdict.CHANGED_SINCE
    assert verdict({"a": cell("x", 101)}, {"a": cell("y")}) is Verdict.CHANGED_SINCE
    assert verdict(None, {"a": cell("x")}) is Verdict.GONE_SINCE
    assert verdict({"a": cell("x", 40)}, {"a": cell("y")}) is Verdict.NEWER_IN_BACKUP


def test_a_row_that_is_only_its_key_can_be_there_and_cannot_be_missed() -> None:
    assert verdict({}, {}) is Verdict.SAME
    assert verdict({}, None) is Verdict.UNDATED


def test_one_column_of_a_row_is_enough_to_tell() -> None:
    source = {"a": cell("x"), "b": cell("late", 101)}
    assert verdict(source, {"a": cell("x"), "b": cell("early", 40)}) is Verdict.SAME
    assert verdict(source, {"b": cell("early", 40)}) is Verdict.LOST


def test_elements_that_were_taken_out_since_left_no_trace_and_others_are_missed() -> None:
    all_of, some = (Cell(frozenset(one), 50) for one in ("abc", "ac"))
    assert verdict({"a": some}, {"a": all_of}) is Verdict.SAME
    assert verdict({"a": all_of}, {"a": some}) is Verdict.DIFFERS


def test_checksums_do_not_depend_on_order_and_tell_values_keys_and_moments_apart() -> None:
    rows = {key(n, "'k'"): {"a": cell(f"v{n}"), "b": cell("w")} for n in range(9)}
    turned = {k: dict(reversed([*row.items()])) for k, row in reversed([*rows.items()])}
    assert counted(rows) == counted(turned)
    whole = counted(rows).checksum
    for changed in (
        {**rows, key(3, "'k'"): {"a": cell("other"), "b": cell("w")}},
        {**rows, key(3, "'k'"): {"a": cell("v3", 49), "b": cell("w")}},
        {**rows, key(3, "'k'"): {"b": cell("v3"), "a": cell("w")}},
        {**rows, key(9, "'k'"): {}},
    ):
        assert counted(changed).checksum != whole


def test_static_columns_are_a_row_of_their_own_that_is_not_counted_as_one() -> None:
    rows = {key(1, STATIC): {"s": cell("x")}, key(1, "'k'"): {"a": cell("x")}}
    found = compare(rows, rows, MOMENT)
    assert (found.rows, found.source_rows, found.verdicts) == (1, 1, {Verdict.SAME: 2})
    # A row whose clustering column has that value is another one.
    assert key(1, STATIC) != key(1, repr(STATIC))


@dataclass(frozen=True)
class Write:
    at: int
    row: int
    column: str
    value: str | None


WRITES = st.lists(
    st.builds(
        Write,
        at=st.integers(1, 2 * MOMENT),
        row=st.integers(0, 3),
        column=st.sampled_from("ab"),
        value=st.none() | st.sampled_from("xyz"),
    ),
    unique_by=lambda one: one.at,
)


def state(writes: list[Write]) -> dict[Key, dict[str, Cell]]:
    """The last write of each column wins; one without a value deletes."""
    found: dict[Key, dict[str, Cell]] = {}
    for one in sorted(writes, key=lambda one: one.at):
        row = found.setdefault(key(one.row), {})
        row.pop(one.column, None)
        if one.value is not None:
            row[one.column] = cell(one.value, one.at)
    return {k: row for k, row in found.items() if row}


@given(WRITES)
def test_an_honest_backup_passes_whatever_the_ring_did_since(writes: list[Write]) -> None:
    found = compare(state(writes), state([w for w in writes if w.at <= MOMENT]), MOMENT)
    assert found.wrong == 0
    assert found.source_checksum == found.compared_checksum


@given(WRITES, st.data())
def test_a_backup_that_lacks_a_write_that_still_stands_fails(
    writes: list[Write], data: st.DataObject
) -> None:
    source: Rows = state(writes)
    standing = [c.written for row in source.values() for c in row.values() if c.written <= MOMENT]
    assume(standing)
    lost = data.draw(st.sampled_from(standing))
    backup = state([w for w in writes if w.at <= MOMENT and w.at != lost])
    found = compare(source, backup, MOMENT)
    assert found.verdicts[Verdict.LOST] == 1
    assert found.source_checksum != found.compared_checksum
    assert len(found.tokens) == 1


@given(WRITES)
def test_pieces_add_up_to_the_whole(writes: list[Write]) -> None:
    source, backup = state(writes), state([w for w in writes if w.at <= MOMENT])
    total = Tally()
    for token in range(4):
        parts = [{k: r for k, r in one.items() if k.token == token} for one in (source, backup)]
        total += compare(parts[0], parts[1], MOMENT)
    assert total == compare(source, backup, MOMENT)
