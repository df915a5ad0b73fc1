"""Pieces of commit logs in the bucket: found, and put together again as Cassandra replays them."""

from hashlib import sha256
from pathlib import Path

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.keys import KeyShapeError, Past
from paved_road_ring_backup.log_keys import Owner, Piece, logs_prefix
from paved_road_ring_backup.log_plan import SlotLogs, slot_logs
from paved_road_ring_backup.point import point_plan
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.ring_manifest import Part, RingManifest
from paved_road_ring_backup.segments import file_name
from paved_road_ring_backup.store import Store
from paved_road_ring_backup.transfers import CorruptObjectError


def pieces_of(store: Store, past: Past, slot: Slot) -> list[Piece]:
    """All pieces of a slot's logs, of all its owners. Raises `KeyShapeError`."""
    found: list[Piece] = []
    for prefix in store.folders(logs_prefix(past, slot)):
        owner = Owner(past=past, slot=slot, epoch=int(prefix.split("/")[-2]))
        if owner.prefix != prefix:
            raise KeyShapeError(f"no owner's logs are below {prefix!r}")
        found += [Piece.of(owner, key) for key in store.keys(prefix)]
    return found


def all_pieces(store: Store, past: Past) -> dict[Slot, list[Piece]]:
    """Of all slots that have any."""
    found = {}
    for rack in store.folders(f"{past.prefix}logs/"):
        for index in store.folders(rack):
            *_, name, number = index.rstrip("/").split("/")
            slot = Slot(data_center=past.data_center, rack=name, index=int(number))
            found[slot] = pieces_of(store, past, slot)
    return found


def read_point(store: Store, manifest: RingManifest, at: int) -> dict[Slot, SlotLogs]:
    """What each slot of the set replays until `at`. Raises `RestoreRefusedError`."""
    return point_plan(manifest, all_pieces(store, manifest.past), at)


def fetch_logs(store: Store, part: Part, at: int, folder: Path) -> int:
    """Put a slot's segments into a folder, whole and checked; the number of bytes that came.

    It may be called again after any crash. Raises `CorruptObjectError`, `RestoreRefusedError`.
    """
    wanted = slot_logs(pieces_of(store, part.run.past, part.run.slot), part, at)
    if wanted.faults:
        raise RestoreRefusedError("; ".join(wanted.faults))
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        left.unlink()
    segments: dict[tuple[int, int], list[Piece]] = {}
    for piece in wanted.pieces:
        segments.setdefault((piece.segment, piece.owner.epoch), []).append(piece)
    for (segment, _), pieces in segments.items():
        content = bytearray()
        for piece in pieces:
            content[piece.start : piece.end] = _checked(store, piece)
        place = folder / file_name(segment, bytes(content[:4]))
        if place.exists():
            raise CorruptObjectError(f"two owners of {part.run.slot.subject} wrote {place.name}")
        beside = place.with_suffix(".part")
        beside.write_bytes(content)
        beside.replace(place)
    return wanted.size


def _checked(store: Store, piece: Piece) -> bytes:
    content = store.get(piece.key)
    if content is None:
        raise CorruptObjectError(f"{piece.key} is not there")
    if sha256(content).hexdigest() != piece.sha256 or len(content) != piece.size:
        raise CorruptObjectError(f"{piece.key} is corrupt: it has another checksum than its key")
    return content
