"""One slot whose owners write rows, ship logs and die, without a node: which row is in which."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.log_keys import Kind, Owner, Piece, short_schema
from tests.agent.scenes import slot
from tests.backup.stories import NOON, PAST

ROW_BYTES = 10
ROWS_A_SEGMENT = 3


def owner(epoch: int, name: str = "a0") -> Owner:
    return Owner(past=PAST, slot=slot(name), epoch=epoch)


@dataclass(frozen=True)
class Row:
    """Written at `time` by an owner, at a place of its logs."""

    time: int
    epoch: int
    segment: int
    start: int

    def is_in(self, pieces: Iterable[Piece]) -> bool:
        return any(
            (one.owner.epoch, one.segment) == (self.epoch, self.segment)
            and one.start <= self.start
            and self.start + ROW_BYTES <= one.end
            for one in pieces
        )


@dataclass
class Writer:
    """One owner, from `began` on; moments are seconds after noon."""

    epoch: int
    began: int = 0
    rows: list[Row] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    shipped: int = 0
    schema: str = "s1"

    def write(self, time: int) -> None:
        place = len(self.rows)
        segment = (NOON + self.began) * 1_000 + place // ROWS_A_SEGMENT
        start = place % ROWS_A_SEGMENT * ROW_BYTES
        self.rows.append(Row(NOON + time, self.epoch, segment, start))

    def ship(self, time: int) -> None:
        """As a node does; all that it has written by now is read."""
        told = list(self._told())
        for place, given in enumerate(told):
            self.pieces.append(
                Piece(
                    owner=owner(self.epoch),
                    moment=NOON + time,
                    number=len(self.pieces),
                    place=place,
                    following=len(told) - place - 1,
                    schema=short_schema(self.schema),
                    **given,  # type: ignore[arg-type]
                )
            )
        self.shipped = len(self.rows)

    def _told(self) -> Iterator[dict[str, object]]:
        if not self.pieces:
            yield {"kind": Kind.SINCE, "start": NOON + self.began}
        new = self.rows[self.shipped :]
        for segment in sorted({row.segment for row in new}):
            starts = [row.start for row in new if row.segment == segment]
            yield {
                "kind": Kind.SEGMENT,
                "segment": segment,
                "start": min(starts),
                "end": max(starts) + ROW_BYTES,
                "sha256": sha256(str((segment, starts)).encode()).hexdigest(),
            }
        if self.pieces and not new:
            yield {"kind": Kind.SEEN}

    def lose(self, start: int, end: int, time: int) -> None:
        """Say that something was dropped."""
        self.pieces.append(
            Piece(
                owner=owner(self.epoch),
                moment=NOON + time,
                number=len(self.pieces),
                place=0,
                following=0,
                schema=short_schema(self.schema),
                kind=Kind.LOST,
                start=NOON + start,
                end=NOON + end,
            )
        )


def logs(until: Mapping[str, int], *, start: int = -10, every: int = 10) -> dict[Slot, list[Piece]]:
    """Of these slots, shipped every so often from before noon until so many seconds after it."""
    found = {}
    for name, last in until.items():
        writer = Writer(epoch=1, began=start)
        for moment in range(start, last + 1, every):
            writer.write(moment)
            writer.ship(moment)
        found[slot(name)] = [replace(one, owner=owner(1, name)) for one in writer.pieces]
    return found
