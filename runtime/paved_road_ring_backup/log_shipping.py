"""Ships a node's commit logs while they grow: what was synced since the last time, nothing twice.

Cassandra links each segment into a folder when it closes it, so that nothing is gone before it was
shipped; the one that is written to is read where it is. So how much can be lost does not depend on
the size of segments, nor on whether a quiet node ever fills one.
"""

import hashlib
import logging
import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from paved_road_ring_backup.log_keys import Kind, Owner, Piece, short_schema
from paved_road_ring_backup.log_state import LogState
from paved_road_ring_backup.patience import MOST_HELD, MOST_USED
from paved_road_ring_backup.segments import reach, segments_in
from paved_road_ring_backup.store import Store

log = logging.getLogger("paved-road.backup")


@dataclass(kw_only=True)
class LogShipping:
    """Of one owner of a slot. `live` is Cassandra's own folder, `archived` that of closed segments.

    `memory` is a folder on the data disk. `schema` is the version that the node knows now, `clock`
    in seconds since 1970, `usage` a disk's total and used bytes.
    """

    owner: Owner
    store: Store
    live: Path
    archived: Path
    memory: Path
    schema: Callable[[], str]
    clock: Callable[[], float]
    usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage

    def ship(self) -> int:
        """Send what is new, in bytes; raises what the edges raise, after which it goes on."""
        state = LogState.load(self.memory, self.owner)
        sent = 0
        if state.pending:
            state, sent = self._send(state)
        state = replace(state, pending=tuple(self._found(state)))
        state.save(self.memory)
        _, more = self._send(state)
        return sent + more

    def bound(self) -> None:
        """Let the oldest closed segments go that take too much of the disk, and remember the hole.

        What the disk holds for their sake only is counted, as for snapshots (`patience.py`).
        """
        state = LogState.load(self.memory, self.owner)
        places = segments_in(self.archived)
        held = [(segment, place, place.stat()) for segment, place in places.items()]
        alone = sum(status.st_size for _, _, status in held if status.st_nlink == 1)
        total, used, _ = self.usage(self.archived) if held else (0, 0, 0)
        for segment, place, status in held:
            if alone <= MOST_HELD * total and used <= MOST_USED * total:
                break
            if status.st_nlink > 1:
                continue
            with place.open("rb") as stream:
                shipped = state.offsets.get(segment, 0)
                news = reach(stream, segment, shipped).end > shipped
            if news:
                since = state.covered or segment // 1_000
                until = math.ceil(status.st_mtime)
                start, end = state.lost or (since, until)
                state = replace(state, lost=(min(start, since), max(end, until)))
                state.save(self.memory)
                log.error("commit log %s is dropped before it was shipped", place.name)
            place.unlink()
            alone, used = alone - status.st_size, used - status.st_size

    def _found(self, state: LogState) -> Iterator[Piece]:
        """A shipment: what is there now that was not sent yet."""
        moment = max(int(self.clock()), state.covered)
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
            start = state.offsets.get(segment, 0)
            content = self._content(segment, start)
            if content:
                sha256 = hashlib.sha256(content).hexdigest()
                where: dict[str, int | str] = {"segment": segment, "start": start}
                told.append(
                    (Kind.SEGMENT, {**where, "end": start + len(content), "sha256": sha256})
                )
        if not told:
            told.append((Kind.SEEN, {}))
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
        """The whole shipment; the state after it, and the number of bytes."""
        sent, offsets = 0, dict(state.offsets)
        for piece in state.pending:
            content = b""
            if piece.kind is Kind.SEGMENT:
                try:
                    content = self._content(piece.segment, piece.start, piece.end)
                    offsets[piece.segment] = piece.end
                except FileNotFoundError:
                    piece = self._dropped(state, piece)  # noqa: PLW2901 - in its place
            self.store.put(piece.key, content)
            sent += len(content)
        last = state.pending[-1]
        told = [(one.start, one.end) for one in state.pending if one.kind is Kind.LOST]
        there = {*segments_in(self.live), *segments_in(self.archived)}
        done = replace(
            state,
            number=last.number + 1,
            covered=last.moment,
            offsets={segment: end for segment, end in offsets.items() if segment in there},
            lost=None if state.lost in told else state.lost,
            pending=(),
        )
        done.save(self.memory)
        for segment, place in segments_in(self.archived).items():
            shipped = offsets.get(segment, 0)
            with place.open("rb") as stream:
                # Closed segments grow no more.
                through = reach(stream, segment, shipped).end == shipped
            if through:
                place.unlink()
        return done, sent

    def _dropped(self, state: LogState, piece: Piece) -> Piece:
        """What is told instead of a piece whose bytes had to go before they were sent."""
        since = state.covered or piece.segment // 1_000
        lost = {"kind": Kind.LOST, "start": since, "end": piece.moment}
        return replace(piece, **lost, segment=0, sha256="")  # type: ignore[arg-type]
