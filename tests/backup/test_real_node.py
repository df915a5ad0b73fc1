"""One real Cassandra node: backed up, lost with its disk, and brought back with all its rows."""

import pytest

from bench.bare_ring import BareNode, BareRing, wait
from paved_road_ring_backup.bandwidth import config_for
from paved_road_ring_backup.node import build_on
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.snapshots import LEFT_OUT, Snapshots
from paved_road_ring_backup.store import Store
from paved_road_ring_backup.transfers import fetch
from tests.agent.scenes import BIRTH, slot
from tests.backup.real_node import back_up, ring
from tests.backup.rows import add, contents, fill, session
from tests.backup.stories import HOUR, NOON

pytestmark = [pytest.mark.slow, pytest.mark.ring]
__all__ = ["ring"]


def start(ring: BareRing) -> BareNode:
    """At slot a0's token, without streaming: its data is on its disk, or it has none."""
    token = BIRTH.token(slot("a0"))
    node = ring.start(1, rack=0, ring_delay_ms=1_000, token=token, bootstrap=False)
    wait(ring.serves)
    return node


def test_a_node_comes_back_from_its_backup_with_every_row(ring: BareRing, store: Store) -> None:
    node = start(ring)
    with session(node.address) as cql:
        fill(cql)
        first = back_up(node, store, lambda: NOON)
        add(cql)
        before = contents(cql)
    second = back_up(node, store, lambda: NOON + HOUR)
    manifest = NodeManifest.from_json(store.get(second.run.manifest) or b"")
    came_new = sum(one.file.size for one in manifest.files if one.run == second.run)
    assert 0 < came_new < first.size / 2
    assert first.facts.cassandra == second.facts.cassandra == "5.0.9"
    assert second.facts.token == BIRTH.token(slot("a0"))
    assert not {one.file.path.split("/")[0] for one in manifest.files} & LEFT_OUT
    assert not list((node.folder / "data").glob("*/*/snapshots/*"))

    ring.lose(1)
    data = ring.place(1) / "data"
    assert fetch(store, manifest.files, data, config=config_for(None)) == second.size
    build_on(ring.place(1) / "backup", manifest)
    restored = start(ring)
    assert restored.management.self_description()["host_id"] != second.facts.host_id
    with session(restored.address) as cql:
        assert contents(cql) == before
        cql.execute("INSERT INTO shop.names (id, name) VALUES (300, 'after')")
        # A counter's own share is kept by the node's id, which is another one now.
        cql.execute("UPDATE shop.counts SET seen = seen + 1 WHERE id = 3")
        (counted,) = cql.execute("SELECT seen FROM shop.counts WHERE id = 3")
        assert counted.seen == 5
    third = back_up(restored, store, lambda: NOON + 2 * HOUR)
    manifest = NodeManifest.from_json(store.get(third.run.manifest) or b"")
    # What was restored is known: a restored ring does not send itself again.
    assert sum(one.file.size for one in manifest.files if one.run == third.run) < third.size / 2
    a_table_that_is_dropped_stays_in_its_snapshot(restored)


def a_table_that_is_dropped_stays_in_its_snapshot(node: BareNode) -> None:
    snapshots = Snapshots(node.management, node.folder / "data")
    tag, _ = snapshots.take(NOON + 3 * HOUR, seconds=3_600)
    before = sorted(path for path, _ in snapshots.files(tag))
    with session(node.address) as cql:
        cql.execute("DROP TABLE shop.names")
    wait(lambda: not list((node.folder / "data").glob("shop/names-*/*-Data.db")))
    assert sorted(path for path, _ in snapshots.files(tag)) == before
    snapshots.clear(tag)
    assert not snapshots.exists(tag)
