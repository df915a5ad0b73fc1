"""Fills a disk from its slot's backup, so that nobody ever takes half of it for data.

The disk is marked with its owner and the backup before anything comes, and again when all of it
is there and safe. An agent that is killed in between goes on: what came is compared, and stays.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from paved_road_ring_agent.actions import Fill
from paved_road_ring_agent.beside import Beside
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.table import Table

RETRY_SECONDS = 30.0
"""After a failure. A person may put the object back meanwhile, or choose another backup."""
LONGEST_FAULT = 500


class FillFailedError(Exception):
    """A slot's files did not come, or are not what they should be: which, and why."""


def _no_backups(_action: Fill) -> None:
    raise FillFailedError("this agent was given nothing to read backups with")


@dataclass(kw_only=True)
class Filling:
    """Of one node. `fetch` puts the slot's files below Cassandra's data, for hours perhaps.

    It may be called again after any crash, and raises `FillFailedError`. `software` is the label of
    the own bundle.
    """

    layout: Layout
    table: Table
    clock: Callable[[], float]
    fetch: Callable[[Fill], object] = _no_backups
    software: str = ""
    work: Callable[[], Beside] = lambda: Beside("a restore", FillFailedError, OSError)
    _owner: tuple[object, ...] = ()
    _beside: Beside | None = None
    _failed: float | None = None

    def step(self, action: Fill) -> None:
        """Begin it, or see how far it is; what went wrong is written into the claim."""
        owner = (action.slot, action.claim.epoch, action.birth.incarnation)
        if self._beside is None or self._owner != owner:
            if self._beside is not None and self._beside.runs:
                return  # What was to come for an owner before still writes.
            self._owner, self._beside, self._failed = owner, self.work(), None
        if self._beside.fault and not self._beside.runs and self._waits(action, self._beside.fault):
            return
        self._prepare(action)
        if self._beside.step(lambda: self.fetch(action)):
            self._mark(action, filled=True)

    def _waits(self, action: Fill, fault: str) -> bool:
        """Say what went wrong when it did, and whether it is too early to try again."""
        if self._failed is None:
            self._failed = self.clock()
            said = fault[:LONGEST_FAULT]
            if said != action.claim.fault:
                self.table.renew(action.slot, replace(action.claim, fault=said))
        if self.clock() < self._failed + RETRY_SECONDS:
            return True
        self._failed = None
        return False

    def _prepare(self, action: Fill) -> None:
        """Of another owner's or another backup's files nothing may stay."""
        disk = self.layout.disk_facts()
        own = disk and disk.is_of(action.slot, action.claim.epoch, action.birth.incarnation)
        if disk is None or not own or disk.origin != action.birth.origin:
            self.layout.clear_data()
            self._mark(action, filled=False)

    def _mark(self, action: Fill, *, filled: bool) -> None:
        self.layout.write_owner(
            action.slot,
            action.claim.epoch,
            action.birth.incarnation,
            self.software,
            origin=action.birth.origin,
            filled=filled,
        )
