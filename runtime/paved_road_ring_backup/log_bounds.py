"""How much of a disk closed segments may take while nobody ships them."""

import logging
import math
from collections.abc import Callable
from pathlib import Path

from paved_road_ring_backup.log_state import note_lost, shipped
from paved_road_ring_backup.patience import MOST_HELD, MOST_USED
from paved_road_ring_backup.segments import reach, segments_in

log = logging.getLogger("paved-road.backup")


def bound(archived: Path, memory: Path, usage: Callable[[Path], tuple[int, int, int]]) -> None:
    """Let the oldest closed segments go that take too much of the disk, and remember the hole.

    Whoever is to ship them, and if nobody is yet: a node that never let clients in, or an agent
    that cannot reach the slot table, has a log as well. What the disk holds for their sake only is
    counted, as for snapshots (`patience.py`). `usage` is a disk's total and used bytes.
    """
    places = segments_in(archived)
    held = [(segment, place, place.stat()) for segment, place in places.items()]
    alone = sum(status.st_size for _, _, status in held if status.st_nlink == 1)
    total, used, _ = usage(archived) if held else (0, 0, 0)
    offsets, covered = shipped(memory)
    for segment, place, status in held:
        if alone <= MOST_HELD * total and used <= MOST_USED * total:
            break
        if status.st_nlink > 1:
            continue
        start = offsets.get(segment, 0)
        with place.open("rb") as stream:
            reached = reach(stream, segment, start)
        if reached.end > start or reached.damaged:
            note_lost(memory, covered or segment // 1_000, math.ceil(status.st_mtime))
            log.error("commit log %s is dropped before it was shipped", place.name)
        place.unlink()
        alone, used = alone - status.st_size, used - status.st_size
