"""Which pieces of one slot's commit logs a restore to a moment needs, and what stands against it.

A snapshot has all that was acknowledged before it was begun, so logs are read from there on: from
the last shipment that was begun before, since what it read last may be later than its moment. They
are read until the first shipment that was begun well after the moment; what they have beyond it
Cassandra leaves out by the clients' timestamps.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.keys import stamp
from paved_road_ring_backup.log_keys import Kind, Owner, Piece, short_schema
from paved_road_ring_backup.ring_manifest import Part

LATE_SECONDS = 10
"""Clocks of clients and nodes may differ by so much, as far as there are logs: nodes are refused
before (`clock.py`)."""


@dataclass(frozen=True, kw_only=True)
class SlotLogs:
    """What a slot replays, pieces of segments in order, and where it has nothing to replay.

    `holes` are moments from and to, between the snapshot and the moment of the restore, of which
    this slot has no logs: its owner died, and nobody else had taken over. `faults` are sentences.
    """

    slot: Slot
    pieces: tuple[Piece, ...]
    holes: tuple[tuple[int, int], ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(piece.size for piece in self.pieces)


def slot_logs(found: Iterable[Piece], part: Part, at: int) -> SlotLogs:
    """Of a slot whose snapshot is `part`; `found` are all pieces of it there are.

    Owners before the snapshot's do not count. Of those after it all of their logs do; what the one
    before wrote from when its successor began to take part is read, and proves nothing.
    """
    begun = part.run.moment
    owners = _by_owner(found, part)
    spans = [_Span.of(pieces, part, at) for pieces in owners]
    covered = [span.covered for span in spans]
    for place, (_, later) in enumerate(pairwise(covered)):
        covered[place] = (covered[place][0], min(covered[place][1], later[0]))
    return SlotLogs(
        slot=part.run.slot,
        pieces=tuple(piece for span in spans for piece in span.segments),
        holes=_holes(begun, at, covered),
        faults=tuple(fault for span in spans for fault in span.faults),
    )


def kept_for(found: Iterable[Piece], part: Part) -> frozenset[Piece]:
    """All that a restore from that snapshot may ever need, to whatever moment."""
    kept: set[Piece] = set()
    for pieces in _by_owner(found, part):
        first = _first(pieces, part)
        later = [piece for piece in pieces if piece.number >= first]
        kept |= {*later, *_beginnings(pieces, later)}
    return frozenset(kept)


@dataclass(frozen=True, kw_only=True)
class _Span:
    """One owner's share: what is read of it, and the moments between which that is complete."""

    segments: tuple[Piece, ...]
    covered: tuple[int, int]
    faults: tuple[str, ...]

    @classmethod
    def of(cls, pieces: Sequence[Piece], part: Part, at: int) -> "_Span":
        first = _first(pieces, part)
        ends = [one for one in pieces if one.following == 0 and one.number >= first]
        until = next((one for one in ends if one.moment >= at), ends[-1] if ends else None)
        last = next((one for one in ends if one.moment >= at + LATE_SECONDS), None) or (
            ends[-1] if ends else None
        )
        if until is None or last is None:
            return cls(segments=(), covered=(at, at), faults=())
        wanted = [one for one in pieces if first <= one.number <= last.number]
        read = [one for one in wanted if one.kind is Kind.SEGMENT]
        whole = sorted({*_beginnings(pieces, read), *read}, key=_place)
        since = next((one.start for one in wanted if one.kind is Kind.SINCE), part.run.moment)
        owned = [one for one in wanted if one.number <= until.number]
        faults = (
            *_missing(wanted, first, last.number),
            *_torn(whole),
            *_lost((one for one in pieces if one.number >= first), part.run.moment, at),
            *_schema_changes(owned, part),
        )
        return cls(segments=tuple(whole), covered=(since, until.moment), faults=faults)


def _by_owner(found: Iterable[Piece], part: Part) -> list[list[Piece]]:
    """From the snapshot's on, each in the order of numbers."""
    owners: dict[Owner, list[Piece]] = {}
    for piece in sorted(found, key=lambda one: (one.owner.epoch, one.number, one.key)):
        if piece.owner.epoch >= part.run.epoch:
            owners.setdefault(piece.owner, []).append(piece)
    return list(owners.values())


def _first(pieces: Sequence[Piece], part: Part) -> int:
    """The number from which on an owner's pieces may have what the snapshot has not.

    Of the shipment itself the first piece may be missing.
    """
    if pieces[0].owner.epoch != part.run.epoch:
        return 0
    before = [one.moment for one in pieces if one.moment <= part.run.moment]
    newest = max(before, default=None)
    return min((one.number - one.place for one in pieces if one.moment == newest), default=0)


def _beginnings(pieces: Iterable[Piece], wanted: Collection[Piece]) -> set[Piece]:
    """A segment is read from its first byte on, or not at all."""
    needed = {one.segment: one.number for one in reversed(list(wanted)) if one.segment}
    return {one for one in pieces if one.number < needed.get(one.segment, 0) and one.segment}


def _place(piece: Piece) -> tuple[int, int, int]:
    return piece.segment, piece.start, piece.end


def _missing(wanted: Sequence[Piece], first: int, last: int) -> Iterable[str]:
    gone = sorted({*range(first, last + 1)} - {one.number for one in wanted})
    if gone:
        yield (
            f"{len(gone)} pieces of the logs of {wanted[0].owner.slot.subject} are missing in the "
            f"bucket below {wanted[0].owner.prefix}, the first is number {gone[0]}"
        )


def _torn(whole: Sequence[Piece]) -> Iterable[str]:
    ends: dict[int, int] = {}
    for piece in whole:
        if piece.start > ends.get(piece.segment, 0):
            yield (
                f"bytes {ends.get(piece.segment, 0)} to {piece.start} of commit log segment "
                f"{piece.segment} of {piece.owner.slot.subject} are missing in the bucket"
            )
        ends[piece.segment] = max(piece.end, ends.get(piece.segment, 0))


def _lost(told: Iterable[Piece], begun: int, at: int) -> Iterable[str]:
    """Also what was told late: a closed segment shows what nobody saw while it was written."""
    for piece in told:
        if piece.kind is Kind.LOST and piece.end >= begun and piece.start <= at:
            yield (
                f"{piece.owner.slot.subject} had to drop the logs of what was written between "
                f"{stamp(piece.start)} and {stamp(piece.end)}: restore to a moment before, or from "
                "a backup after it"
            )


def _schema_changes(owned: Iterable[Piece], part: Part) -> Iterable[str]:
    """Cassandra replays no table that the snapshot's schema does not have."""
    had, before = short_schema(part.facts.schema), part.run.moment
    for piece in owned:
        if piece.moment > part.run.moment and piece.schema != had:
            yield (
                f"the schema changed between {stamp(before)} and {stamp(piece.moment)}, as "
                f"{piece.owner.slot.subject} saw it: restore to a moment before, or from a backup "
                "after it"
            )
            return
        before = max(before, piece.moment)


def _holes(begun: int, at: int, covered: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    found, reached = [], begun
    for start, end in sorted(covered):
        if start > reached:
            found.append((reached, min(start, at)))
        reached = max(reached, end)
        if reached >= at:
            break
    if reached < at:
        found.append((reached, at))
    return tuple((start, end) for start, end in found if start < end)
