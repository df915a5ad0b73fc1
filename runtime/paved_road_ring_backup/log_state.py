"""What a node remembers of the logs that it ships; it is on the data disk, as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from paved_road_ring_agent.layout import read_whole, write_whole
from paved_road_ring_backup.log_keys import Owner, Piece

_FILE = "logs.json"


@dataclass(frozen=True, kw_only=True)
class LogState:
    """Of one owner. `covered` is until when all is shipped, 0 before the first time.

    `offsets` are how far segments are shipped, in bytes, for as long as their files are there.
    `lost` are the moments between which something was dropped that is not told yet. `pending` is a
    shipment that was begun: its keys are told before anything of it is sent, so that it goes on
    under the same ones after any crash.
    """

    owner: Owner
    number: int = 0
    covered: int = 0
    offsets: Mapping[int, int] = field(default_factory=dict)
    lost: tuple[int, int] | None = None
    pending: tuple[Piece, ...] = ()

    @classmethod
    def load(cls, memory: Path, owner: Owner) -> "LogState":
        """As it was saved; a new one for another owner."""
        kept = read_whole(memory / _FILE)
        if kept is None or kept["owner"] != owner.prefix:
            return cls(owner=owner)
        return cls(
            owner=owner,
            number=kept["number"],
            covered=kept["covered"],
            offsets={int(segment): offset for segment, offset in kept["offsets"].items()},
            lost=tuple(kept["lost"]) if kept["lost"] else None,
            pending=tuple(Piece.of(owner, key) for key in kept["pending"]),
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
        }
        write_whole(memory / _FILE, facts)
