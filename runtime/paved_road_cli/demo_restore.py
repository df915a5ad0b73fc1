"""The demo's ring is destroyed on purpose, with all its disks, and comes back with its rows."""

import time
from dataclasses import dataclass

from cassandra import ConsistencyLevel
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from paved_road_cli.demo_ring import DemoRing, once_permitted
from paved_road_cli.output import say
from paved_road_lab.trial import TABLE, read
from paved_road_ring.backing_up import BackingUp
from paved_road_ring.follow import follow
from paved_road_ring.restoring import Planned, Restoring
from paved_road_ring.survey import Survey
from paved_road_ring_backup.restore import RestoreRefusedError

BACKUP_SECONDS, SILENT_SECONDS, RESTORE_SECONDS = 600, 180, 900


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What became of a ring that lost everything. `missing` of its rows: none.

    `seconds` from the word to restore it until clients were let in; `size` in bytes.
    """

    manifest: str
    size: int
    rows: int
    missing: int
    seconds: float


def destroy_and_restore(ring: DemoRing, seen: Survey) -> Restored:
    """Back up whole, end every instance, restore, and compare every row at ALL."""
    rows = _read(ring, seen)
    backing_up = BackingUp(ring=ring.live, say=say)
    manifest = backing_up.wait(backing_up.ask(), BACKUP_SECONDS)
    say(f"backed up whole: {manifest.key}")
    for row in seen.rows:
        ring.lose(row.instance)
    say(f"all {len(seen.rows)} instances are gone, with their disks")
    restoring = Restoring(ring=ring.live)
    planned = _once_silent(restoring)
    began = time.monotonic()
    restoring.begin(planned)
    say(f"to be restored from {planned.plan.manifest.key}: {planned.plan.size:,} bytes")
    back = follow(
        ring.live.survey,
        lambda now: now.whole and now.incarnation != seen.incarnation,
        seconds=RESTORE_SECONDS,
        say=say,
    )
    seconds = time.monotonic() - began
    found = _read(ring, back)
    return Restored(
        manifest=planned.plan.manifest.key,
        size=planned.plan.size,
        rows=len(rows),
        missing=len(rows - found),
        seconds=round(seconds, 1),
    )


@once_permitted
def _read(ring: DemoRing, seen: Survey) -> set[int]:
    with ring.access(seen).session(reads=TABLE) as session:
        return read(session, ConsistencyLevel.ALL)


def _once_silent(restoring: Restoring) -> Planned:
    """Whoever said within the last minute that it lives is believed, whatever EC2 says."""
    say("nothing is restored before every node has been silent for a minute")
    looks = Retrying(
        retry=retry_if_exception_type(RestoreRefusedError),
        stop=stop_after_delay(SILENT_SECONDS),
        wait=wait_fixed(2),
        reraise=True,
    )
    return looks(restoring.plan)
