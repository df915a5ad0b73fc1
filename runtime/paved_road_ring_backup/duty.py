"""What is done again and again in a thread of its own, whatever fails of it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from paved_road_ring_agent.faults import Standing
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.table import TableUnreachableError
from paved_road_ring_backup.documents import ManifestError
from paved_road_ring_backup.node import RunEndedError
from paved_road_ring_backup.segments import SegmentUnreadableError
from paved_road_ring_backup.snapshots import SnapshotUnfitError
from paved_road_ring_backup.store import StoreUnreachableError

TICK_SECONDS = 10.0
EXPECTED = (
    ManifestError,
    NodeSilentError,
    OSError,
    RunEndedError,
    SegmentUnreadableError,
    SnapshotUnfitError,
    StoreUnreachableError,
    TableUnreachableError,
)
"""Told in a sentence; anything else with where it came from."""

log = logging.getLogger("paved-road.backup")


@dataclass(kw_only=True)
class Duty:
    """`act` does what is due and raises what fails, which is due again at the next tick.

    It returns False if nothing was tried, so that what failed before is not known to work again.
    `failures` are those in a row, `seconds` the pause between two ticks.
    """

    name: str
    act: Callable[[], bool]
    seconds: float = TICK_SECONDS
    failures: int = field(default=0, init=False)
    _fault: Standing = field(init=False)

    def __post_init__(self) -> None:
        self._fault = Standing(log, again=f"{self.name} works again")

    def tick(self) -> None:
        """Try once; never raises."""
        try:
            if self.act():
                self.failures = 0
                self._fault.works()
        except EXPECTED as error:
            self.failures += 1
            self._fault.fails(f"{self.name} fails ({type(error).__name__})", error)
        except Exception:
            self.failures += 1
            log.exception("%s failed; it is tried again all the same", self.name)


def go_on(duty: Duty) -> None:
    """Begin, in a thread that ends with the process."""
    threading.Thread(target=_go_on, args=(duty,), name=duty.name, daemon=True).start()


def _go_on(duty: Duty) -> None:
    pause = threading.Event()
    while not pause.wait(duty.seconds):
        duty.tick()
