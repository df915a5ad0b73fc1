"""Reads a restored ring, table by table and piece by piece, beside the ring that it is of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from paved_road_ring.drills.compare import Tally, compare, counted
from paved_road_ring.drills.ranges import Piece, pieces, sampled
from paved_road_ring.drills.result import TableFound
from paved_road_ring.drills.rows import read
from paved_road_ring.drills.tables import Table, tables
from paved_road_ring_agent.cql import DRIVER_ERRORS, Cql

READINGS = 3
"""Of a piece that does not agree: a row may expire, or be deleted, between one ring's answer and
the other's."""


class TableUnreadableError(Exception):
    """A table that a ring does not answer for; the sentence names both."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """Of all tables that a backup has.

    - `source`: None if it is not to be read; then rows are counted only.
    - `sizes`: bytes of a replica of those with rows, by full name.
    - `moment`: in microseconds since 1970; what was written later is not compared.
    - `percent` of the token ring, chosen by `seed`.
    - `beat` is called before each piece.
    """

    restored: Cql
    source: Cql | None
    keyspaces: Sequence[str]
    sizes: Mapping[str, int]
    moment: int
    percent: float
    seed: str
    beat: Callable[[], None]

    def run(self) -> Iterator[TableFound]:
        """One after another. Raises `TableUnreadableError` if the source does not answer."""
        has = tables(self.restored, self.keyspaces)
        with _reading(self.source and "the source"):
            had = tables(self.source, self.keyspaces) if self.source else {}
        for name in sorted(has.keys() | self.sizes.keys()):
            yield self._table(name, has.get(name), had.get(name))

    def _table(self, name: str, restored: Table | None, source: Table | None) -> TableFound:
        if restored is None:
            fault = "the backup has files of it, and the restored ring has no such table"
            return TableFound(table=name, compared=False, tally=Tally(), fault=fault)
        total, fault = Tally(), ""
        try:
            for piece in sampled(pieces(self.sizes.get(name, 0)), self.percent, self.seed):
                self.beat()
                total += self._piece(restored, source, piece)
        except DRIVER_ERRORS as error:
            fault = f"the restored ring does not answer for all of it: {error}"
        if total.wrong:
            fault = fault or f"{total.wrong} rows are not as they were"
        return TableFound(table=name, compared=source is not None, tally=total, fault=fault)

    def _piece(self, restored: Table, source: Table | None, piece: Piece) -> Tally:
        if source is None or self.source is None:
            return counted(read(self.restored, restored, piece))
        found = Tally()
        for _ in range(READINGS):
            with _reading(f"{source.full_name} of the source"):
                was = read(self.source, source.common(restored), piece)
            found = compare(was, read(self.restored, restored, piece), self.moment)
            if not found.wrong:
                break
        return found


@contextmanager
def _reading(what: object) -> Iterator[None]:
    try:
        yield
    except DRIVER_ERRORS as error:
        raise TableUnreadableError(f"{what} cannot be read: {error}") from error
