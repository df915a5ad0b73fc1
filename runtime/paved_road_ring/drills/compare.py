"""Whether a restored ring has what its source had at a moment, though the source moved on since.

Cassandra keeps no past: what was written over or deleted since the moment is gone from the source,
and there is nothing to compare its backup with. So each column is judged by when it was written.
What the source wrote last before the moment must be in the restored ring, just so. The rest is
counted under the name of why it says nothing.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from paved_road_ring.drills.rows import STATIC, Cell, Key, Rows

SHOWN = 5
"""Tokens of rows that are named; keys may be personal, and stay where they are."""


class Verdict(StrEnum):
    """Of one row, the first that holds."""

    LOST = "lost"
    """The source had it at the moment, and the restored ring lacks it, or has an older one."""
    DIFFERS = "differs"
    """Written at the same time, and another value."""
    SAME = "same"
    """Whatever of it is older than the moment is the same in both."""
    CHANGED_SINCE = "changed since"
    """All that the source has of it was written after the moment."""
    GONE_SINCE = "gone since"
    """Only the restored ring has it: deleted since, or expired, or never acknowledged."""
    NEWER_IN_BACKUP = "newer in backup"
    """Deleted since or never acknowledged, and the source shows what was there before."""
    UNDATED = "undated"
    """The source has a row that is nothing but its key: nobody can ask when it was written."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Rows of a table, or of a piece of one. Static columns of a partition count as a row.

    `rows` are all of the restored ring, `checksum` is over all of them, in any order.
    `source_checksum` and `compared_checksum` are of what could be compared, in either ring.
    `tokens` of some rows that are lost or differ.
    """

    rows: int = 0
    checksum: int = 0
    source_rows: int = 0
    source_checksum: int = 0
    compared_checksum: int = 0
    verdicts: Mapping[Verdict, int] = field(default_factory=dict)
    tokens: tuple[int, ...] = ()

    @property
    def wrong(self) -> int:
        """Rows that say that the backup is not what the source was."""
        return self.verdicts.get(Verdict.LOST, 0) + self.verdicts.get(Verdict.DIFFERS, 0)

    def __add__(self, other: "Tally") -> "Tally":
        """Of both pieces together."""
        return Tally(
            rows=self.rows + other.rows,
            checksum=_sum(self.checksum, other.checksum),
            source_rows=self.source_rows + other.source_rows,
            source_checksum=_sum(self.source_checksum, other.source_checksum),
            compared_checksum=_sum(self.compared_checksum, other.compared_checksum),
            verdicts=Counter(self.verdicts) + Counter(other.verdicts),
            tokens=(self.tokens + other.tokens)[:SHOWN],
        )


def counted(restored: Rows) -> Tally:
    """Of a restored ring alone."""
    found = (_digest(key, name, one) for key, row in restored.items() for name, one in row.items())
    bare = (_digest(key, "", None) for key in restored)
    return Tally(rows=_rows(restored), checksum=_sum(*found, *bare))


def compare(source: Rows, restored: Rows, moment: int) -> Tally:
    """Both rings' rows of one piece; `moment` in microseconds since 1970."""
    verdicts: Counter[Verdict] = Counter()
    tokens: list[int] = []
    sums = [0, 0]
    for key in sorted(source.keys() | restored.keys()):
        verdict, pairs = _row(source.get(key), restored.get(key), moment)
        verdicts[verdict] += 1
        if verdict in {Verdict.LOST, Verdict.DIFFERS}:
            tokens.append(key.token)
        for name, (had, has) in pairs.items():
            for place, one in enumerate((had, has)):
                sums[place] = _sum(sums[place], _digest(key, name, one) if one else 0)
    whole = counted(restored)
    return Tally(
        rows=whole.rows,
        checksum=whole.checksum,
        source_rows=_rows(source),
        source_checksum=sums[0],
        compared_checksum=sums[1],
        verdicts=verdicts,
        tokens=tuple(tokens[:SHOWN]),
    )


_Pairs = Mapping[str, tuple[Cell, Cell | None]]


def _row(
    source: Mapping[str, Cell] | None, restored: Mapping[str, Cell] | None, moment: int
) -> tuple[Verdict, _Pairs]:
    """Its verdict, and the columns that could be compared: the source's, and the restored ring's.

    Elements that were taken out of a collection since left no trace: what is left must be there.
    """
    if source is None:
        return Verdict.GONE_SINCE, {}
    if restored is None and not source:
        return Verdict.UNDATED, {}
    has = restored or {}
    old = {name: one for name, one in source.items() if one.written <= moment}
    newer = {name for name, one in old.items() if name in has and has[name].written > one.written}
    pairs: dict[str, tuple[Cell, Cell | None]] = {}
    for name in old.keys() - newer:
        had, found = old[name], has.get(name)
        if found is not None and found.written == had.written:
            found = Cell(found.parts & had.parts, found.written)
        pairs[name] = (had, found)
    if any(found is None or found.written < had.written for had, found in pairs.values()):
        return Verdict.LOST, pairs
    if any(had != found for had, found in pairs.values()):
        return Verdict.DIFFERS, pairs
    if pairs or (restored is not None and not source):
        return Verdict.SAME, pairs
    return (Verdict.NEWER_IN_BACKUP if newer else Verdict.CHANGED_SINCE), pairs


def _rows(found: Rows) -> int:
    return sum(key.values[-1] != STATIC for key in found)


def _digest(key: Key, name: str, cell: Cell | None) -> int:
    told = f"{key.token}|{key.values}|{name}|{sorted(cell.parts) if cell else ''}"
    dated = f"{told}|{cell.written if cell else ''}"
    return int.from_bytes(hashlib.blake2b(dated.encode(), digest_size=8).digest())


def _sum(*numbers: int) -> int:
    """Whatever the order."""
    return sum(numbers) % 2**64
