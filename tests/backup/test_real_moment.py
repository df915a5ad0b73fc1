"""One real node whose commit logs are shipped: brought back to a moment between two writes."""

import time
from pathlib import Path
from typing import Any

import pytest

from bench.bare_ring import BareNode, BareRing, wait
from paved_road_ring_agent import archiving
from paved_road_ring_backup.bandwidth import config_for
from paved_road_ring_backup.log_keys import Owner
from paved_road_ring_backup.log_shipping import LogShipping
from paved_road_ring_backup.log_store import fetch_logs, pieces_of
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.ring_manifest import Part
from paved_road_ring_backup.store import Store
from paved_road_ring_backup.transfers import fetch
from tests.agent.scenes import BIRTH, slot
from tests.backup.real_node import back_up, ring
from tests.backup.rows import contents, fill, session
from tests.backup.stories import PAST

pytestmark = [pytest.mark.slow, pytest.mark.ring]
__all__ = ["ring"]

OWNER = Owner(past=PAST, slot=slot("a0"), epoch=1)


def start(ring: BareRing, restored: Path | None = None, at: int = 0, replay: str = "") -> BareNode:
    folder = ring.place(1)
    (folder / "archived").mkdir(parents=True, exist_ok=True)
    text = archiving.properties(folder / "archived", restored, at=at)
    (folder / archiving.FILE).write_text(text)
    node = ring.start(
        1,
        rack=0,
        ring_delay_ms=1_000,
        token=BIRTH.token(slot("a0")),
        bootstrap=False,
        properties={"cassandra.replayList": replay} if replay else {},
    )
    wait(ring.serves)
    return node


def shipping(node: BareNode, store: Store) -> LogShipping:
    return LogShipping(
        owner=OWNER,
        store=store,
        live=node.folder / "commitlog",
        archived=node.folder / "archived",
        memory=node.folder / "backup",
        schema=lambda: str(node.management.self_description()["schema"]),
        clock=time.time,
    )


def bring_back(ring: BareRing, store: Store, part: Part, at: int) -> None:
    """On an empty disk, as a ring's node does."""
    manifest = NodeManifest.from_json(store.get(part.run.manifest) or b"")
    fetch(store, manifest.files, ring.place(1) / "data", config=config_for(None))
    restored = ring.place(1) / "restored"
    assert fetch_logs(store, part, at, restored) > 0
    keyspaces = (name for name in part.facts.keyspaces if not name.startswith("system"))
    start(ring, restored, at, ",".join(keyspaces))


def a_second_later() -> int:
    """The first whole second from now on; what is written once this returns is from later."""
    moment = int(time.time()) + 1
    wait(lambda: time.time() > moment + 0.001)
    return moment


def change(cql: Any) -> None:
    """What lies between the backup and the moment: rows of every kind, none of them in a file."""
    insert = cql.prepare("INSERT INTO shop.orders (customer, number, state) VALUES (50, ?, 'x')")
    for number in range(300):
        cql.execute(insert, (number,))
    cql.execute("DELETE FROM shop.orders WHERE customer = 3")
    cql.execute("UPDATE shop.orders SET name = 'renamed' WHERE customer = 4")
    cql.execute("INSERT INTO shop.names (id, name) VALUES (201, 'n2') USING TTL 86400")
    cql.execute("DELETE FROM shop.names WHERE id = 12")
    cql.execute("INSERT INTO shop.never_written (id) VALUES (1)")
    for _ in range(3):
        cql.execute("UPDATE shop.counts SET seen = seen + 5 WHERE id = 3")
    cql.execute("UPDATE shop.counts SET seen = seen + 7 WHERE id = 999")


def spoil(cql: Any) -> None:
    """What must not come back."""
    cql.execute("DELETE FROM shop.orders WHERE customer = 50")
    cql.execute("INSERT INTO shop.orders (customer, number, state) VALUES (3, 1, 'later')")
    cql.execute("INSERT INTO shop.names (id, name) VALUES (12, 'later')")
    cql.execute("UPDATE shop.counts SET seen = seen + 100 WHERE id = 3")
    cql.execute("UPDATE shop.counts SET seen = seen + 100 WHERE id = 999")


def test_a_node_comes_back_to_a_moment_between_two_writes(ring: BareRing, store: Store) -> None:
    node = start(ring)
    ships = shipping(node, store)
    with session(node.address) as cql:
        fill(cql)
        ships.ship()
        part = back_up(node, store, time.time)
        wait(lambda: time.time() > part.facts.taken)
        change(cql)
        ships.ship()
        before = contents(cql)
        at = a_second_later()
        spoil(cql)
        assert contents(cql) != before
        ships.ship()
    ring.lose(1)

    bring_back(ring, store, part, at)
    with session(ring.nodes[1].address) as cql:
        assert contents(cql) == before
        cql.execute("UPDATE shop.counts SET seen = seen + 1 WHERE id = 3")
        (counted,) = cql.execute("SELECT seen FROM shop.counts WHERE id = 3")
        assert counted.seen == 4 + 15 + 1


def test_of_a_node_that_dies_suddenly_all_is_back_that_was_acknowledged_before_a_shipment(
    ring: BareRing, store: Store
) -> None:
    """Rows are written all the time; none of them is ever in a table's file."""
    node = start(ring)
    ships = shipping(node, store)
    acknowledged: dict[int, float] = {}
    with session(node.address) as cql:
        fill(cql)
        part = back_up(node, store, time.time)
        insert = cql.prepare("INSERT INTO shop.names (id, name) VALUES (?, 'late')")
        for number in range(1_000, 2_000):
            cql.execute(insert, (number,))
            acknowledged[number] = time.time()
            if number % 300 == 0:
                ships.ship()
    ring.lose(1)
    closing = [one for one in pieces_of(store, PAST, slot("a0")) if one.following == 0]
    covered = max(one.moment for one in closing)
    bring_back(ring, store, part, covered)
    with session(ring.nodes[1].address) as cql:
        back = {row.id for row in cql.execute("SELECT id FROM shop.names") if row.id >= 1_000}
    owed = {number for number, moment in acknowledged.items() if moment < covered}
    assert owed
    assert owed <= back < {*acknowledged}
