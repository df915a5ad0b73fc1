"""A restore to a moment between two backups: a set from before it, and the logs since."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.keys import stamp
from paved_road_ring_backup.log_keys import Kind, Piece
from paved_road_ring_backup.log_plan import SlotLogs, slot_logs
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.ring_manifest import RingManifest

UNDEFINED = (
    "writes whose timestamp lies after the moment, whenever they were sent, do not come back",
    "of lightweight transactions and logged batches that were under way, any part may be there",
    "what was acknowledged by fewer than a quorum may be missing",
    "rows of a table that was truncated since the backup come back",
)
"""What a restore to a moment does not promise."""


def point_plan(
    manifest: RingManifest, found: Mapping[Slot, Iterable[Piece]], at: int
) -> dict[Slot, SlotLogs]:
    """What each slot of the set replays. `at` is in seconds since 1970, by the clients' clocks.

    `found` are all pieces of logs by slot, of slots that the set does not have too. Raises
    `RestoreRefusedError` with all reasons.
    """
    parts = manifest.by_slot()
    logs = {slot: slot_logs(found.get(slot, ()), part, at) for slot, part in parts.items()}
    faults = [*_too_early(manifest, at), *_grown(manifest, found, at)]
    faults += sorted({fault for one in logs.values() for fault in one.faults})
    faults += _without_a_quorum(manifest, logs)
    if faults:
        raise RestoreRefusedError("; ".join(faults))
    return logs


def _too_early(manifest: RingManifest, at: int) -> Iterator[str]:
    if at < manifest.settled:
        yield (
            f"{manifest.key} has rows from until {stamp(manifest.settled)}, which is after "
            f"{stamp(at)}: take an earlier one"
        )


def _grown(manifest: RingManifest, found: Mapping[Slot, Iterable[Piece]], at: int) -> Iterator[str]:
    """A slot that took over ranges since has logs of its own, and nothing to replay them on."""
    since = {
        slot: min(one.start if one.kind is Kind.SINCE else one.moment for one in pieces)
        for slot, pieces in found.items()
        if slot not in manifest.by_slot() and pieces
    }
    new = {slot: moment for slot, moment in since.items() if moment <= at}
    if new:
        yield (
            f"the ring grew at {stamp(min(new.values()))}, after this backup: restore to a moment "
            "before, or from a backup after it"
        )


def _without_a_quorum(manifest: RingManifest, logs: Mapping[Slot, SlotLogs]) -> Iterator[str]:
    """Each row is in one slot of every rack, and what a quorum has is in most of them.

    So it is in some log as long as no more than half of the racks lack theirs at one time; a repair
    follows every restore.
    """
    edges = sorted({edge for one in logs.values() for hole in one.holes for edge in hole})
    for start, end in pairwise(edges):
        missing = [
            one.slot
            for one in logs.values()
            if any(since < end and start < until for since, until in one.holes)
        ]
        if len({slot.rack for slot in missing}) > len(manifest.racks) // 2:
            names = ", ".join(sorted(slot.subject for slot in missing)[:6])
            yield (
                f"no logs reach from {stamp(start)} to {stamp(end)} of {len(missing)} slots in "
                f"more than half of the racks ({names}): the latest moment that all of them reach "
                f"is {stamp(start)}"
            )
            return
