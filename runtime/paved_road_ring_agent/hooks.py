"""Keeps a lifecycle hook waiting while its instance has a reason to wait."""

from paved_road_ring_agent.actions import Refuse
from paved_road_ring_agent.journal import STALE_SECONDS, Entry

BEAT_SECONDS = 1_200.0
"""Two thirds of what the hook waits for (`rack.HEARTBEAT_SECONDS`), so that a call may fail. A hook
bears 100 heartbeats: a launch can wait 33 hours for the repair of its survivors."""


def to_keep_waiting(entry: Entry | None, now: float) -> str | None:
    """The group whose launch hook is to wait on; None if none is.

    A launch waits for a slot, for the other founders, for survivors to be repaired. One that is
    refused is not renewed: after half an hour the hook abandons it, and the group tries another
    instance; a person has that long to look. Nor is a termination: a drain takes ten minutes at
    most, and what hangs longer is retained with its disk, as the hook says.
    """
    if entry is None or entry.seen.group is None or entry.age(now) > STALE_SECONDS:
        return None
    if entry.state != "Pending:Wait" or isinstance(entry.action, Refuse):
        return None
    return entry.seen.group.name
