"""Gathers what `decide` looks at: the table first, then only what the state makes worth asking."""

import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass

from paved_road_ring_agent.cloud import Cloud
from paved_road_ring_agent.contract import INTERNODE_PORT
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Claim, Phase
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.management import Management, NodeSilentError
from paved_road_ring_agent.observed import Cassandra, Me, Observed, TableFacts
from paved_road_ring_agent.supervisor import Status
from paved_road_ring_agent.table import Table, TableUnreachableError

log = logging.getLogger("paved-road.agent")


@dataclass(kw_only=True)
class Observer:
    """One node's eyes."""

    me: Me
    layout: Layout
    table: Table
    cloud: Cloud
    clock: Callable[[], float]

    def look(self) -> Observed:
        """Everything that matters now."""
        now = self.clock()
        facts, cassandra = self._table(), self._cassandra()
        own = _own_claim(facts, self.me.instance)
        lost = any(not member.alive for member in cassandra.members.values())
        settled = own is not None and own.phase is Phase.JOINED and not lost
        unborn = facts is not None and facts.birth is None
        return Observed(
            now=now,
            me=self.me,
            table=facts,
            disk=self.layout.disk_facts(),
            cassandra=cassandra,
            group=self.cloud.group_of(self.me.instance),
            terminated=None if settled else self._terminated(),
            answering=self._answering() if unborn else None,
            backups=False if unborn else None,
        )

    def _table(self) -> TableFacts | None:
        try:
            birth = self.table.birth()
            if birth is None:
                return TableFacts(birth=None, claims={})
            claims = self.table.all_claims(birth)
            replaced = [slot for slot, claim in claims.items() if claim.phase is Phase.REPLACING]
            wishes = {slot: self.table.repair(slot) for slot in replaced}
        except TableUnreachableError as error:
            log.warning("the slot table cannot be reached: %s", error)
            return None
        return TableFacts(
            birth=birth,
            claims=claims,
            repairs={slot: wish for slot, wish in wishes.items() if wish is not None},
        )

    def _cassandra(self) -> Cassandra:
        status = Status.load(self.layout)
        if status is None or not status.process.alive:
            return Cassandra(running=False)
        node = Management(status.management_port, status.management_password)
        try:
            host_id, members, normal = node.members()
            door = _door(status, admits=node.admits_clients())
        except NodeSilentError:
            return Cassandra(running=True, epoch=status.epoch)
        return Cassandra(
            running=True,
            epoch=status.epoch,
            host_id=host_id,
            members=members,
            normal=normal,
            door=door,
        )

    def _terminated(self) -> frozenset[str] | None:
        found = self.cloud.instances("terminated")
        return None if found is None else frozenset(found)

    def _answering(self) -> frozenset[str] | None:
        """Addresses of the ring's running instances where something listens for gossip."""
        running = self.cloud.instances("running")
        if running is None:
            return None
        others = (address for id, address in running.items() if id != self.me.instance)
        return frozenset(address for address in others if _listens(address))


def _door(status: Status, *, admits: bool) -> Door:
    """A fence is a setting that a process started with; a closed port was opened if it listens."""
    if not admits:
        return Door.CLOSED
    return Door.FENCED if status.door == Door.FENCED else Door.OPEN


def _own_claim(facts: TableFacts | None, instance: str) -> Claim | None:
    claims = facts.claims.values() if facts else ()
    return next((claim for claim in claims if claim.instance == instance), None)


def _listens(address: str) -> bool:
    try:
        with socket.create_connection((address, INTERNODE_PORT), timeout=1):
            return True
    except OSError:
        return False
