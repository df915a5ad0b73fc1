"""Gathers what `decide` looks at: the table first, then only what the state makes worth asking."""

import logging
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from paved_road_ring_agent import starts
from paved_road_ring_agent.cloud import Cloud
from paved_road_ring_agent.contract import INTERNODE_PORT
from paved_road_ring_agent.door import BEHIND_A_FENCE, Door
from paved_road_ring_agent.facts import Claim, Phase, Slot
from paved_road_ring_agent.faults import Standing
from paved_road_ring_agent.fitness import unfit
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.management import Management, NodeSilentError
from paved_road_ring_agent.memory import Memory
from paved_road_ring_agent.observed import Cassandra, Me, Observed, TableFacts, Word
from paved_road_ring_agent.reading import claims_to_look_at
from paved_road_ring_agent.supervisor import Status
from paved_road_ring_agent.table import Table, TableUnreachableError

log = logging.getLogger("paved-road.agent")


def listens(address: str) -> bool:
    """Whether something takes gossip's connections there."""
    try:
        with socket.create_connection((address, INTERNODE_PORT), timeout=1):
            return True
    except OSError:
        return False


@dataclass(kw_only=True)
class Observer:
    """One node's eyes."""

    me: Me
    layout: Layout
    table: Table
    cloud: Cloud
    clock: Callable[[], float]
    memory: Memory
    ask: Callable[[Iterable[str], TableFacts], Mapping[str, Mapping[Slot, Word]]]
    manage: Callable[[int, str], Management] = Management
    reach: Standing = field(
        default_factory=lambda: Standing(log, again="the slot table can be reached again")
    )
    gossips: Callable[[str], bool] = listens

    def look(self) -> Observed:
        """Everything that matters now."""
        now = self.clock()
        facts, cassandra = self._table(), self._cassandra()
        disk = self.layout.disk_facts()
        known = self.memory.recall() if facts is None else None
        own = _own_claim(facts, self.me.instance)
        lost = any(not member.alive for member in cassandra.members.values())
        settled = own is not None and own.phase is Phase.JOINED and _founded(facts) and not lost
        unborn = facts is not None and facts.birth is None
        return Observed(
            now=now,
            me=self.me,
            table=facts,
            disk=disk,
            cassandra=cassandra,
            group=self.cloud.group_of(self.me.instance),
            terminated=None if settled else self._terminated(),
            answering=self._answering() if unborn else None,
            backups=self.cloud.backups() if unborn else None,
            known=known,
            words=self._words(known) if known and disk and not cassandra.running else {},
            unfit="" if cassandra.running else unfit(self.layout),
            starts=() if cassandra.running else starts.written(self.layout),
        )

    def _table(self) -> TableFacts | None:
        try:
            birth = self.table.birth()
            if birth is None:
                return TableFacts(birth=None, claims={})
            found = claims_to_look_at(self.table, birth, self.me)
            claims = {slot: claim for slot, claim in found.items() if claim.of(birth)}
            replaced = [slot for slot, claim in claims.items() if claim.phase is Phase.REPLACING]
            wishes = {slot: self.table.repair(slot) for slot in replaced}
        except TableUnreachableError as error:
            self.reach.fails("the slot table cannot be reached", error)
            return None
        self.reach.works()
        return TableFacts(
            birth=birth,
            claims=claims,
            repairs={slot: wish for slot, wish in wishes.items() if wish is not None},
            earlier={slot: claim for slot, claim in found.items() if slot not in claims},
        )

    def _cassandra(self) -> Cassandra:
        status = Status.load(self.layout)
        if status is None or not status.process.alive:
            return Cassandra(running=False)
        node = self.manage(status.management_port, status.management_password)
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

    def _words(self, known: TableFacts) -> Mapping[str, Mapping[Slot, Word]]:
        """Of the agents where the other holders were last."""
        peers = {claim.address for claim in known.claims.values()} - {self.me.address}
        return self.ask(sorted(peers), known)

    def _terminated(self) -> frozenset[str] | None:
        found = self.cloud.instances("terminated")
        return None if found is None else frozenset(found)

    def _answering(self) -> frozenset[str] | None:
        """Addresses of the ring's running instances where something listens for gossip."""
        running = self.cloud.instances("running")
        if running is None:
            return None
        others = (address for id, address in running.items() if id != self.me.instance)
        return frozenset(address for address in others if self.gossips(address))


def _door(status: Status, *, admits: bool) -> Door:
    """A fence is a setting that a process started with; a closed port was opened if it listens."""
    if not admits:
        return Door.CLOSED
    door = Door(status.door)
    return door if door in BEHIND_A_FENCE else Door.OPEN


def _founded(facts: TableFacts | None) -> bool:
    """Whether nobody is waited for who may be lost without any node having known it."""
    if facts is None or facts.birth is None or facts.birth.formed:
        return True
    return all(claim.phase is Phase.JOINED for claim in facts.claims.values())


def _own_claim(facts: TableFacts | None, instance: str) -> Claim | None:
    claims = facts.claims.values() if facts else ()
    return next((claim for claim in claims if claim.instance == instance), None)
