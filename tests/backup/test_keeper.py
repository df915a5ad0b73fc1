"""Six agents back their slots up by themselves, and one of them writes the ring's manifests."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paved_road_ring_agent.facts import Claim, Slot
from paved_road_ring_agent.journal import Journal
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.observed import Me, TableFacts
from paved_road_ring_agent.supervisor import Status
from paved_road_ring_agent.table import TableUnreachableError
from paved_road_ring_backup import beginning
from paved_road_ring_backup.keeper import Keeper
from paved_road_ring_backup.store import Store
from tests.agent.scenes import BIRTH, NODE, SLOTS, claim, claims, slot
from tests.agent.test_leases import Agent, OneTable
from tests.backup.bucket import BUCKET, outage
from tests.backup.member import entry
from tests.backup.small_node import SmallNode
from tests.backup.stories import HOUR, NOON, PAST, TABLE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass
class SmallRing:
    """Its table, its nodes and their agents' keepers, at one time for all."""

    folder: Path
    store: Store
    now: float = NOON
    held: Mapping[Slot, Claim] = field(default_factory=claims)
    leases: OneTable = field(default_factory=OneTable)
    reachable: bool = True

    def __post_init__(self) -> None:
        self.agents = {name: Agent(self.leases, f"i-{name}") for name in SLOTS}
        self.journals = {name: Journal() for name in SLOTS}
        self.nodes: dict[str, SmallNode] = {}
        self.keepers = {name: self._keeper(name) for name in SLOTS}

    def claim(self, slot: Slot) -> Claim | None:
        if not self.reachable:
            raise TableUnreachableError("no route")
        return self.held.get(slot)

    def ticks(self, *names: str) -> None:
        """Of these agents, after a look; of all, if none is named."""
        for name in names or SLOTS:
            me = Me(instance=f"i-{name}", address="", data_center="", rack=name[0])
            table = TableFacts(birth=BIRTH, claims=self.held)
            seen = entry(now=self.now, me=me, table=table)
            self.journals[name].note(seen.seen, seen.action)
            self.keepers[name].tick()

    def later(self, seconds: float) -> None:
        self.now += seconds
        for agent in self.agents.values():
            agent.passed += seconds

    def _keeper(self, name: str) -> Keeper:
        layout = Layout(root=self.folder / name, bundle=Path())
        node = SmallNode(layout.cassandra)
        node.token = BIRTH.token(slot(name))
        node.write(f"{TABLE}/nb-1-big-Data.db", f"rows of {name}".encode())
        self.nodes[name] = node
        Status(nonce="1", epoch=1, management_port=1, management_password="x").save(layout)
        return Keeper(
            ring="orders",
            layout=layout,
            journal=self.journals[name],
            claims=self,
            leases=self.agents[name].leases,
            store=self.store,
            clock=lambda: self.now,
            manage=lambda *_: node,
        )


@pytest.fixture
def ring(tmp_path: Path, store: Store) -> SmallRing:
    return SmallRing(tmp_path, store)


def standing(ring: SmallRing) -> dict[str, Any]:
    """Of the agent that has the lease."""
    (found,) = (one for one in ring.keepers.values() if one.standing.missing is not None)
    return {"whole_until": found.standing.whole_until, "missing": found.standing.missing}


def test_a_ring_is_whole_once_all_its_nodes_have_backed_up(ring: SmallRing, store: Store) -> None:
    ring.ticks("a0", "a1", "b0", "b1", "c0")
    assert standing(ring) == {"whole_until": None, "missing": 5}
    ring.later(300)
    ring.ticks()
    assert standing(ring) == {"whole_until": None, "missing": 1}
    ring.later(300)
    ring.ticks()
    assert standing(ring) == {"whole_until": NOON, "missing": 0}
    found = store.newest_set(PAST, int(ring.now))
    assert found is not None
    assert set(found.by_slot()) == set(claims())
    assert {one.standing.failures for one in ring.keepers.values()} == {0}


def test_every_node_backs_up_again_each_hour_and_the_ring_with_it(
    ring: SmallRing, store: Store
) -> None:
    for _ in range(3 * 12 + 1):
        ring.ticks()
        ring.later(300)
    assert {node.taken for node in ring.nodes.values()} <= {3, 4}
    found = store.newest_set(PAST, int(ring.now))
    assert found is not None
    assert ring.now - found.whole_until <= 2.5 * HOUR
    assert standing(ring)["missing"] == 0


def test_an_agent_that_begins_anew_knows_when_it_backed_up_last(ring: SmallRing) -> None:
    ring.ticks("a0")
    ring.keepers["a0"] = replace(ring.keepers["a0"])
    ring.later(60)
    ring.ticks("a0")
    assert ring.nodes["a0"].taken == 1


def test_a_slot_that_has_a_new_owner_is_missing_until_that_has_backed_up(
    ring: SmallRing, store: Store
) -> None:
    ring.ticks()
    ring.later(300)
    ring.ticks()
    before = store.newest_set(PAST, int(ring.now))
    ring.held = claims({"b1": claim("b1", epoch=2, instance="i-new")})
    ring.later(HOUR)
    ring.ticks()
    ring.later(300)
    ring.ticks()
    assert standing(ring) == {"whole_until": NOON, "missing": 1}
    assert store.newest_set(PAST, int(ring.now)) == before


def test_an_owner_is_not_believed_when_nobody_can_say_so(ring: SmallRing, store: Store) -> None:
    ring.reachable = False
    ring.ticks("a0")
    assert ring.keepers["a0"].standing.failures == 1
    assert store.newest_part(PAST, slot("a0"), 1, NOON) is None
    ring.reachable = True
    ring.ticks("a0")
    assert store.newest_part(PAST, slot("a0"), 1, NOON) is not None
    assert ring.nodes["a0"].taken == 1


def test_it_catches_up_after_s3_was_out_of_reach(
    ring: SmallRing, store: Store, s3: "S3Client"
) -> None:
    with outage(s3, "PutObject"):
        ring.ticks()
        ring.later(HOUR)
        ring.ticks()
    assert {one.standing.failures for one in ring.keepers.values()} == {2}
    assert {node.taken for node in ring.nodes.values()} == {1}
    for _ in range(3):
        ring.later(300)
        ring.ticks()
    assert store.newest_set(PAST, int(ring.now)) is not None
    assert standing(ring)["missing"] == 0


def test_an_agent_begins_with_a_quarter_of_its_network_and_without_a_bucket_not_at_all(
    ring: SmallRing, s3: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    began: list[Keeper] = []
    monkeypatch.setattr(beginning, "client", lambda *_: s3)
    monkeypatch.setattr(beginning, "keep_backed_up", began.append)
    given: dict[str, Any] = {
        "layout": ring.keepers["a0"].layout,
        "journal": ring.journals["a0"],
        "claims": ring,
        "leases": ring.agents["a0"].leases,
        "network_gbps": 4.688,
        "clock": lambda: ring.now,
    }
    assert beginning.begin_backups(replace(NODE, backup_bucket=None), **given) is None
    found = beginning.begin_backups(replace(NODE, backup_bucket=BUCKET), **given)
    assert began == [found]
    assert found is not None
    assert (found.ring, found.limit, found.store.bucket) == ("orders", 146_500_000, BUCKET)
    found.manage = lambda *_: ring.nodes["a0"]
    ring.keepers["a0"] = found
    ring.ticks("a0")
    assert found.store.newest_part(PAST, slot("a0"), 1, NOON) is not None
