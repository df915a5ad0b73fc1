"""Which commit logs are kept: from one set on they are whole, and before it none is of any use."""

from collections.abc import Collection

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.log_keys import Piece
from paved_road_ring_backup.log_plan import kept_for
from paved_road_ring_backup.ring_manifest import RingManifest


def kept_logs(
    sets: Collection[RingManifest], pieces: Collection[Piece], since: int, living: str
) -> frozenset[Piece]:
    """Of all lives of a ring, those that bring it back to any second from `since` on.

    `sets` are the ring manifests that stay. Logs begin at the last of them from before `since`, or
    at the first that there is; all that came later stays, also of slots that it does not have. Of
    the `living` incarnation all stay as long as it has no set: its first one may need any.
    """
    kept: set[Piece] = set()
    for past in {one.owner.past for one in pieces}:
        own = [one for one in pieces if one.owner.past == past]
        ordered = sorted((one for one in sets if one.past == past), key=lambda one: one.settled)
        if ordered:
            before = [one for one in ordered if one.settled <= since]
            kept |= _needed(before[-1] if before else ordered[0], own)
        elif past.incarnation == living:
            kept |= {*own}
    return frozenset(kept)


def _needed(first: RingManifest, pieces: Collection[Piece]) -> set[Piece]:
    by_slot: dict[Slot, list[Piece]] = {}
    for piece in pieces:
        by_slot.setdefault(piece.owner.slot, []).append(piece)
    parts = first.by_slot()
    kept: set[Piece] = set()
    for slot, found in by_slot.items():
        kept |= kept_for(found, parts[slot]) if slot in parts else {*found}
    return kept
