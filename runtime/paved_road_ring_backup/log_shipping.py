"""Ships a node's commit logs while they grow: what was synced since the last time, nothing twice.

Cassandra links each segment into a folder when it closes it, so that nothing is gone before it was
shipped; the one that is written to is read where it is. So how much can be lost does not depend on
the size of segments, nor on whether a quiet node ever fills one.
"""

import hashlib
import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from paved_road_ring_backup.log_bounds import bound
from paved_road_ring_backup.log_keys import Kind, Owner, Piece, short_schema
from paved_road_ring_backup.log_state import LogState
from paved_road_ring_backup.segments import reach, segments_in
from paved_road_ring_backup.store import Store

SHIPMENT_BYTES = 256 * 2**20
"""After which a shipment leaves the rest for the next one: seconds at the share of the slowest
instance's network, so that of a backlog of hours little is sent twice or not at all."""


@dataclass(kw_only=True)
class LogShipping:
    """Of one owner of a slot. `live` is Cassandra's own folder, `archived` that of closed segments.

    `memory` is a folder on the data disk. `schema` is the version that the node knows now, `clock`
    in seconds since 1970, `usage` a disk's total and used bytes. `limit` is in bytes a second: none
    in a piece, which is no larger than a segment, but a pause after each.
    """

    owner: Owner
    store: Store
    live: Path
    archived: Path
    memory: Path
    schema: Callable[[], str]
    clock: Callable[[], float]
    limit: int | None = None
    most: int = SHIPMENT_BYTES
    usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage
    sleep: Callable[[float], None] = time.sleep

    def ship(self) -> int:
        """Send what is new, in bytes; raises what the edges raise, after which it goes on.

        A backlog goes in several shipments, the oldest first: each counts once it is through, and
        of one that is cut off nothing is sent twice.
        """
        state, sent, more = LogState.load(self.memory, self.owner), 0, True
        while more:
            more = bool(state.pending)
            if not more:
                found, more = self._found(state)
                state = replace(state, pending=tuple(found))
                state.save(self.memory)
            while state.pending:
                state, size = self._send(state)
                sent += size
                if self.limit:
                    self.sleep(size / self.limit)
            bound(self.archived, self.memory, self.usage)
            state = LogState.load(self.memory, self.owner)
        return sent

    def _found(self, state: LogState) -> tuple[Iterator[Piece], bool]:
        """A shipment of what is there now and was not sent yet, and whether more remains.

        Until which moment one is complete that leaves segments for the next: until the first of
        those was made, which Cassandra does before it writes to any later one.
        """
        moment, more, size = max(int(self.clock()), state.covered), False, 0
        # In this order: a segment that is closed meanwhile is linked before it goes.
        live, archived = segments_in(self.live), segments_in(self.archived)
        told: list[tuple[Kind, dict[str, int | str]]] = []
        segments = sorted({*live, *archived})
        if state.number == 0:
            since = segments[0] // 1_000 + 1 if segments else moment
            told.append((Kind.SINCE, {"start": since}))
        if state.lost:
            told.append((Kind.LOST, {"start": state.lost[0], "end": state.lost[1]}))
        for segment in segments:
            if size >= self.most:
                moment, more = max(segment // 1_000, state.covered), True
                break
            start = state.offsets.get(segment, 0)
            content = self._content(segment, start)
            if content:
                sha256 = hashlib.sha256(content).hexdigest()
                where: dict[str, int | str] = {"segment": segment, "start": start}
                told.append(
                    (Kind.SEGMENT, {**where, "end": start + len(content), "sha256": sha256})
                )
                size += len(content)
            if segment in archived and (damage := _damage(archived[segment], segment, start)):
                told.append((Kind.LOST, {"start": damage[0], "end": damage[1]}))
        return self._pieces(state, moment, told or [(Kind.SEEN, {})]), more

    def _pieces(
        self, state: LogState, moment: int, told: Sequence[tuple[Kind, Mapping[str, int | str]]]
    ) -> Iterator[Piece]:
        schema = short_schema(self.schema())
        for place, (kind, given) in enumerate(told):
            yield Piece(
                owner=self.owner,
                moment=moment,
                number=state.number + place,
                place=place,
                following=len(told) - place - 1,
                schema=schema,
                kind=kind,
                **given,  # type: ignore[arg-type]
            )

    def _content(self, segment: int, start: int, end: int | None = None) -> bytes:
        """What is whole behind `start`, or just until `end`. Raises `FileNotFoundError`."""
        places = [segments_in(folder).get(segment) for folder in (self.live, self.archived)]
        for place in places:
            try:
                if place:
                    with place.open("rb") as stream:
                        until = reach(stream, segment, start).end if end is None else end
                        stream.seek(start)
                        return stream.read(until - start)
            except FileNotFoundError:
                continue  # Closed and gone from there, and linked before.
        if end is None:
            return b""  # All of it was shipped, and it went with its last row's flush.
        raise FileNotFoundError(f"segment {segment} is gone")

    def _send(self, state: LogState) -> tuple[LogState, int]:
        """The next piece of a shipment; the state after it, and the number of bytes."""
        piece, *rest = state.pending
        content, offsets = b"", dict(state.offsets)
        if piece.kind is Kind.SEGMENT:
            try:
                content = self._content(piece.segment, piece.start, piece.end)
                offsets[piece.segment] = piece.end
            except FileNotFoundError:
                piece = self._dropped(state, piece)
        self.store.put(piece.key, content)
        told = piece.kind is Kind.LOST and state.lost == (piece.start, piece.end)
        done = replace(
            state,
            number=piece.number + 1,
            offsets=offsets,
            lost=None if told else state.lost,
            damaged=(*state.damaged, *([piece.start] if piece.kind is Kind.LOST else [])),
            pending=tuple(rest),
        )
        if not rest:
            done = self._settled(done, piece.moment)
        done.save(self.memory)
        return done, len(content)

    def _settled(self, state: LogState, moment: int) -> LogState:
        """All of a shipment is stored: closed segments go, which grow no more."""
        for segment, place in segments_in(self.archived).items():
            shipped = state.offsets.get(segment, 0)
            with place.open("rb") as stream:
                reached = reach(stream, segment, shipped)
            untold = reached.damaged and segment // 1_000 not in state.damaged
            if reached.end == shipped and not untold:
                place.unlink()
        there = {*segments_in(self.live), *segments_in(self.archived)}
        offsets = {segment: end for segment, end in state.offsets.items() if segment in there}
        return replace(state, covered=moment, offsets=offsets, damaged=())

    def _dropped(self, state: LogState, piece: Piece) -> Piece:
        """What is told instead of a piece whose bytes had to go before they were sent."""
        since = state.covered or piece.segment // 1_000
        lost = {"kind": Kind.LOST, "start": since, "end": piece.moment}
        return replace(piece, **lost, segment=0, sha256="")  # type: ignore[arg-type]


def _damage(place: Path, segment: int, start: int) -> tuple[int, int] | None:
    """Between which moments that was written which nobody can read in a closed segment."""
    try:
        with place.open("rb") as stream:
            damaged = reach(stream, segment, start).damaged
        return (segment // 1_000, math.ceil(place.stat().st_mtime)) if damaged else None
    except FileNotFoundError:
        return None
