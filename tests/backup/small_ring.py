"""A ring of six small nodes whose agents back them up, at one time for all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paved_road_ring_agent.facts import BackupWish, Claim, Lease, Slot
from paved_road_ring_agent.journal import Journal
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.observed import Me, TableFacts
from paved_road_ring_agent.supervisor import Status
from paved_road_ring_agent.table import TableUnreachableError
from paved_road_ring_backup.beginning import Backups, backups_of
from paved_road_ring_backup.keeper import Keeper
from paved_road_ring_backup.log_keeper import LogKeeper
from paved_road_ring_backup.overseer import Overseer
from paved_road_ring_backup.store import Store
from tests.agent.scenes import BIRTH, SLOTS, claims, slot
from tests.agent.test_leases import Agent, OneTable
from tests.backup.member import entry
from tests.backup.small_node import SmallNode
from tests.backup.stories import NOON, TABLE


@dataclass
class SmallRing:
    """Its table, its nodes and what backs them up. `disk_bytes` is each node's."""

    folder: Path
    store: Store
    now: float = NOON
    held: Mapping[Slot, Claim] = field(default_factory=claims)
    leases: OneTable = field(default_factory=OneTable)
    reachable: bool = True
    disk_bytes: int = 10_000
    asked: int = 0

    def __post_init__(self) -> None:
        self.agents = {name: Agent(self.leases, f"i-{name}") for name in SLOTS}
        self.journals = {name: Journal() for name in SLOTS}
        self.nodes: dict[str, SmallNode] = {}
        self.backups = {name: self.begin(name) for name in SLOTS}

    def claim(self, slot: Slot) -> Claim | None:
        if not self.reachable:
            raise TableUnreachableError("no route")
        return self.held.get(slot)

    def lease(self, subject: str) -> Lease | None:
        return self.leases.lease(subject)

    def take_lease(self, subject: str, lease: Lease) -> bool:
        return self.leases.take_lease(subject, lease)

    def backup_wish(self) -> BackupWish | None:
        return BackupWish(moment=self.asked) if self.asked else None

    def ticks(self, *names: str) -> None:
        """Of these agents, after a look; of all, if none is named."""
        for name in names or SLOTS:
            self.look(name)
            for duty in self.backups[name].duties:
                duty.tick()

    def look(self, name: str) -> None:
        """Its agent's."""
        me = Me(instance=f"i-{name}", address="", data_center="", rack=name[0])
        seen = entry(now=self.now, me=me, table=TableFacts(birth=BIRTH, claims=self.held))
        self.journals[name].note(seen.seen, seen.action)

    def later(self, seconds: float) -> None:
        self.now += seconds
        for agent in self.agents.values():
            agent.passed += seconds

    def begin(self, name: str) -> Backups:
        """As an agent that was just started does."""
        layout = Layout(root=self.folder / name, bundle=Path())
        if name not in self.nodes:
            node = self.nodes[name] = SmallNode(layout.cassandra)
            node.token = BIRTH.token(slot(name))
            node.write(f"{TABLE}/nb-1-big-Data.db", f"rows of {name}".encode())
        Status(nonce="1", epoch=1, management_port=1, management_password="x").save(layout)
        shared: dict[str, Any] = {
            "ring": "orders",
            "journal": self.journals[name],
            "store": self.store,
            "clock": lambda: self.now,
        }
        keeper = Keeper(
            **shared,
            asked=lambda: self.asked,
            layout=layout,
            claims=self,
            manage=lambda *_: self.nodes[name],
            usage=lambda _: (self.disk_bytes, 0, 0),
        )
        logs = LogKeeper(**shared, layout=layout, manage=lambda *_: self.nodes[name])
        leases = self.agents[name].leases
        overseer = Overseer(**shared, leases=leases, asked=lambda: self.asked)
        return backups_of(keeper, overseer, logs)

    def failures(self) -> set[int]:
        """In a row, of all agents."""
        return {one.gauges(self.now).failures for one in self.backups.values()}

    def standing(self) -> dict[str, Any]:
        """As the one agent knows it that has the lease."""
        known = [one.gauges(self.now) for one in self.backups.values()]
        (found,) = (one for one in known if one.slots_missing is not None)
        return {"age": found.whole_age_seconds, "missing": found.slots_missing}
