"""How long a run that cannot get on is waited for, while its snapshot fills the disk."""

from dataclasses import dataclass

from paved_road_ring_backup.purge import RUN_SECONDS

MOST_HELD = 0.05
"""Of the disk, for one snapshot's sake."""
MOST_USED = 0.7
"""Of the disk, all together. The alarm goes at 0.6, and compaction needs the rest."""


@dataclass(frozen=True, kw_only=True)
class Burden:
    """What a run's snapshot costs the node now. `held_bytes` are on disk for its sake only."""

    age_seconds: float
    held_bytes: int
    used_bytes: int
    disk_bytes: int


def give_up(burden: Burden) -> str:
    """Why the run is given up and its snapshot let go, as a sentence; empty if it goes on.

    Nothing is lost by it: contents that were sent are sent, and the next run has a new snapshot,
    which holds nothing at first. So the disk is bounded however long S3 is out of reach.
    """
    if burden.age_seconds >= RUN_SECONDS:
        return f"it has taken {burden.age_seconds / 86_400:.1f} days"
    if burden.held_bytes > MOST_HELD * burden.disk_bytes:
        return f"its snapshot holds {burden.held_bytes / burden.disk_bytes:.0%} of the disk"
    if burden.held_bytes and burden.used_bytes > MOST_USED * burden.disk_bytes:
        return f"the disk is {burden.used_bytes / burden.disk_bytes:.0%} full"
    return ""
