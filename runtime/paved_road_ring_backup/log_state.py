"""What a node remembers of the logs that it ships; it is on the data disk, as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paved_road_ring_agent.layout import read_whole, write_whole
from paved_road_ring_backup.log_keys import Owner, Piece

_FILE = "logs.json"


@dataclass(frozen=True, kw_only=True)
class LogState:
    """Of one owner. `covered` is until when all is shipped, 0 before the first time.

    `offsets` are how far segments are shipped, in bytes, for as long as their files are there.
    `lost` are the moments between which something was dropped that is not told yet. `pending` is a
    shipment that was begun, as far as it is not sent: its keys are told before anything of it is
    sent, so that it goes on under the same ones after any crash. `damaged` are the moments of the
    holes that it has told.
    """

    owner: Owner
    number: int = 0
    covered: int = 0
    offsets: Mapping[int, int] = field(default_factory=dict)
    lost: tuple[int, int] | None = None
    pending: tuple[Piece, ...] = ()
    damaged: tuple[int, ...] = ()

    @classmethod
    def load(cls, memory: Path, owner: Owner) -> "LogState":
        """As it was saved; a new one for another owner."""
        kept = _kept(memory)
        if kept["owner"] != owner.prefix:
            # What was dropped before anybody shipped anything is missing in the first one's logs.
            return cls(owner=owner, lost=None if kept["owner"] else _span(kept))
        return cls(
            owner=owner,
            number=kept["number"],
            covered=kept["covered"],
            offsets={int(segment): offset for segment, offset in kept["offsets"].items()},
            lost=_span(kept),
            pending=tuple(Piece.of(owner, key) for key in kept["pending"]),
            damaged=tuple(kept.get("damaged", ())),
        )

    def save(self, memory: Path) -> None:
        """All of it, or as it was before."""
        facts = {
            "owner": self.owner.prefix,
            "number": self.number,
            "covered": self.covered,
            "offsets": {str(segment): offset for segment, offset in self.offsets.items()},
            "lost": self.lost,
            "pending": [piece.key for piece in self.pending],
            "damaged": self.damaged,
        }
        write_whole(memory / _FILE, facts)


def shipped(memory: Path) -> tuple[Mapping[int, int], int]:
    """How far segments are shipped and until when all is, whoever the owner is."""
    kept = _kept(memory)
    return {int(segment): offset for segment, offset in kept["offsets"].items()}, kept["covered"]


def note_lost(memory: Path, start: int, end: int) -> None:
    """Remember that something of between these moments was dropped, whoever the owner is."""
    kept = _kept(memory)
    since, until = kept["lost"] or (start, end)
    write_whole(memory / _FILE, {**kept, "lost": (min(since, start), max(until, end))})


def _kept(memory: Path) -> dict[str, Any]:
    nobodys = {"owner": "", "number": 0, "covered": 0, "offsets": {}, "lost": None, "pending": []}
    return read_whole(memory / _FILE) or nobodys


def _span(kept: Mapping[str, Any]) -> tuple[int, int] | None:
    return (kept["lost"][0], kept["lost"][1]) if kept["lost"] else None
