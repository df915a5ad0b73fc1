"""Starts Cassandra on the agent's permit and stops it when the permit's epoch is over.

A process of its own: an agent that hangs or is frozen while a successor takes its slot cannot keep
the old node in the ring. It decides nothing else. A node that ended by itself is not started again
before the agent gives a new permit, and nothing starts without a look at the claim.
"""

import json
import logging
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Claim, Slot
from paved_road_ring_agent.faults import Standing
from paved_road_ring_agent.layout import Layout, read_whole, write_whole
from paved_road_ring_agent.process import Process, start
from paved_road_ring_agent.table import TableUnreachableError

CHECK_SECONDS = 3.0
STOP_SECONDS = 30.0
"""Cassandra stops within seconds once it has flushed; then it is killed."""

log = logging.getLogger("paved-road.supervisor")


class Claims(Protocol):
    """What the supervisor needs of the slot table."""

    def claim(self, slot: Slot) -> Claim | None:
        """Who holds the slot, strongly consistent."""


@dataclass(frozen=True, kw_only=True)
class Permit:
    """The agent's word: run `command` as the holder of `slot` under `epoch`, once (`nonce`).

    `by_word`: the table could not be reached, and a majority of peers' agents vouched for the
    holder (`words.py`). If it can be reached by now, it decides.
    """

    nonce: str
    slot: Slot
    instance: str
    epoch: int
    command: tuple[str, ...]
    management_port: int
    management_password: str
    by_word: bool = False
    door: str = Door.OPEN

    def save(self, layout: Layout) -> None:
        """Give it."""
        write_whole(layout.permit, asdict(self))

    @staticmethod
    def load(layout: Layout) -> "Permit | None":
        """The one that was given, if any."""
        facts = read_whole(layout.permit)
        if facts is None:
            return None
        return Permit(
            **{**facts, "slot": Slot(**facts["slot"]), "command": tuple(facts["command"])}
        )


@dataclass(frozen=True, kw_only=True)
class Status:
    """What the supervisor last did: which permit it acted on, and the process it started."""

    nonce: str
    epoch: int
    management_port: int
    management_password: str
    pid: int = 0
    started: int = 0
    fenced: bool = False
    door: str = Door.OPEN

    @property
    def process(self) -> Process:
        """The one it started; never alive if it started none."""
        return Process(self.pid, self.started)

    def save(self, layout: Layout) -> None:
        """Write it down for the agent and for the next supervisor."""
        write_whole(layout.status, asdict(self))

    @staticmethod
    def load(layout: Layout) -> "Status | None":
        """What was written down."""
        facts = read_whole(layout.status)
        return None if facts is None else Status(**facts)


class Supervisor:
    """One node's. `tick` is called again and again and never raises for a table out of reach."""

    def __init__(self, layout: Layout, claims: Claims) -> None:
        self._layout, self._claims = layout, claims
        self._child: subprocess.Popen[bytes] | None = None
        self._table = Standing(log, again="the slot table can be reached again")

    def tick(self) -> None:
        """Look once, act once."""
        if self._child is not None:
            self._child.poll()
        permit, status = Permit.load(self._layout), Status.load(self._layout)
        if status is not None and status.process.alive:
            self._watch(permit, status)
        elif permit is not None and (status is None or status.nonce != permit.nonce):
            self._start(permit)

    def _watch(self, permit: Permit | None, status: Status) -> None:
        if permit is None or permit.nonce != status.nonce:
            log.warning("stopping: the permit was withdrawn")
            status.process.end(STOP_SECONDS)
        elif self._superseded(permit):
            log.error("stopping at once: epoch %d is over", permit.epoch)
            status.process.end(0)
            Status(**{**asdict(status), "fenced": True}).save(self._layout)

    def _start(self, permit: Permit) -> None:
        if not self._may_start(permit):
            return
        process, self._child = start(permit.command, self._layout.logs / "cassandra.log")
        log.info("started %s under epoch %d", permit.slot.subject, permit.epoch)
        Status(
            nonce=permit.nonce,
            epoch=permit.epoch,
            management_port=permit.management_port,
            management_password=permit.management_password,
            pid=process.pid,
            started=process.started,
            door=permit.door,
        ).save(self._layout)

    def _superseded(self, permit: Permit) -> bool:
        """Whether somebody else holds the slot.

        A table out of reach, or one that lost the claim, supersedes nobody.
        """
        try:
            claim = self._claim(permit.slot)
        except TableUnreachableError:
            return False
        return claim is not None and (
            claim.epoch > permit.epoch
            or (claim.epoch == permit.epoch and claim.instance != permit.instance)
        )

    def _may_start(self, permit: Permit) -> bool:
        """Whether the permit's claim is the current one; its peers' word if nobody can be asked."""
        try:
            claim = self._claim(permit.slot)
        except TableUnreachableError:
            return permit.by_word
        held = claim and (claim.instance, claim.epoch)
        return held == (permit.instance, permit.epoch)

    def _claim(self, slot: Slot) -> Claim | None:
        try:
            claim = self._claims.claim(slot)
        except TableUnreachableError as error:
            self._table.fails("the slot table cannot be reached", error)
            raise
        self._table.works()
        return claim


def main() -> None:
    """Supervise until terminated. Cassandra goes on: the next supervisor finds it."""
    from paved_road_ring_agent.connections import table_of
    from paved_road_ring_agent.contract import NodeFile
    from paved_road_ring_agent.logs import write_json_logs

    write_json_logs()
    layout = Layout.from_environment()
    node = NodeFile.from_json(Path(layout.node_file).read_text(encoding="utf-8"))
    supervisor = Supervisor(layout, table_of(node))
    while True:
        try:
            supervisor.tick()
        except (OSError, json.JSONDecodeError):
            log.exception("a round failed; the next one looks again")
        time.sleep(CHECK_SECONDS / 3)


if __name__ == "__main__":
    main()
