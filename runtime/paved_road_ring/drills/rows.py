"""What a piece of a table holds, in a form in which two rings' answers can be compared."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from paved_road_ring.drills.ranges import Piece
from paved_road_ring.drills.tables import Table
from paved_road_ring_agent.cql import Cql

STATIC = "static"


@dataclass(frozen=True)
class Cell:
    """A column of a row. `parts` are its elements, of anything else the value alone.

    `written` is in microseconds since 1970, by the clock of who wrote it last.
    """

    parts: frozenset[str]
    written: int


@dataclass(frozen=True, order=True)
class Key:
    """A row's, or that of a partition's static columns: its token, and its key's values as text."""

    token: int
    values: tuple[str, ...]


Rows = Mapping[Key, Mapping[str, Cell]]
"""Each row's columns that have a value; of a row that is only its key there are none."""


def read(cql: Cql, table: Table, piece: Piece) -> Rows:
    """All rows of a piece. Raises what the session raises."""
    found: dict[Key, Mapping[str, Cell]] = {}
    for row in cql.execute(table.query, [piece.after, piece.until]):
        found.update(_split(table, row))
    return found


def _split(table: Table, row: Any) -> Iterator[tuple[Key, Mapping[str, Cell]]]:  # noqa: ANN401 - the driver's
    """A row of the answer is a row of the table, and says its partition's static columns again."""
    count = len(table.partition)
    values = [getattr(row, f"k{n}") for n in range(count + len(table.clustering))]
    static: dict[str, Cell] = {}
    own: dict[str, Cell] = {}
    for number, column in enumerate(table.cells):
        value, written = getattr(row, f"c{number}"), getattr(row, f"w{number}")
        if value is not None and written is not None:
            to = static if column.name in table.static else own
            to[column.name] = Cell(
                parts(value) if column.multi else frozenset({text(value)}), written
            )
    if static:
        yield Key(row.t, (*map(text, values[:count]), STATIC)), static
    # A partition that is only its static columns answers with a row without a place in it.
    if not table.clustering or values[count] is not None:
        yield Key(row.t, tuple(map(text, values))), own


def parts(value: Any) -> frozenset[str]:  # noqa: ANN401 - any value of CQL
    """Elements of a collection. An element that comes twice in a list is two."""
    if hasattr(value, "items"):
        return frozenset(f"{text(key)}: {text(one)}" for key, one in value.items())
    if hasattr(value, "_fields"):
        fields = cast("tuple[str, ...]", value._fields)
        pairs = zip(fields, value, strict=True)
        return frozenset(f"{key}: {text(one)}" for key, one in pairs if one is not None)
    counted = Counter(map(text, value))
    return frozenset(f"{one} #{n}" for one, count in counted.items() for n in range(count))


def text(value: Any) -> str:  # noqa: ANN401 - any value of CQL
    """The same for the same value, whichever ring it came from."""
    if hasattr(value, "items"):
        return f"{{{', '.join(f'{text(key)}: {text(one)}' for key, one in value.items())}}}"
    if isinstance(value, list | tuple | set | frozenset) or hasattr(value, "isdisjoint"):
        return f"[{', '.join(map(text, value))}]"
    return repr(value)
