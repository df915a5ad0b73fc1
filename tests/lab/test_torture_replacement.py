"""A replacement while one of the two survivors has missed what a quorum acknowledged."""

import signal
import threading

import pytest
from cassandra import ConsistencyLevel

from paved_road_ring_agent.facts import Phase
from tests.lab.clients import make_table, missing, write
from tests.lab.living_ring import LivingRing
from tests.lab.node import Node
from tests.waiting import until

pytestmark = pytest.mark.torture

NODES_PER_RACK = 1
HEALING_SECONDS = 600
ROWS = range(500)
AGENT = "paved_road_ring_node.agent"


def test_rows_of_a_quorum_are_readable_at_every_moment_of_a_replacement(ring: LivingRing) -> None:
    """Plain Cassandra loses 35 of 500 here: it streams from the survivor that has missed them."""
    make_table(ring.addresses())
    one, stale, leaving = ring.nodes()
    for node in (one, stale, leaving):
        switch_hints_off(node)
    # Killed, not frozen: what is sent to a frozen node waits in its sockets, and arrives.
    stale.signal(signal.SIGSTOP, AGENT)
    try:
        stale.signal(signal.SIGKILL, "CassandraDaemon")
        until(lambda: not _sees(ring, one.instance, stale.instance))
        acknowledged = write([one.address], ROWS, only=True)
    finally:
        stale.signal(signal.SIGCONT, AGENT)
    assert len(acknowledged) == len(ROWS)
    until(lambda: _sees(ring, one.instance, stale.instance), HEALING_SECONDS)
    ring.wait_until_whole(3, HEALING_SECONDS)
    assert held_by(one) > len(ROWS) * 0.9
    assert held_by(stale) < len(ROWS) * 0.1
    slot = ring.slot_of(leaving)

    wrong: list[str] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            for address in (one.address, stale.address):
                if lost := missing(address, acknowledged, ConsistencyLevel.QUORUM):
                    wrong.append(f"{len(lost)} of {len(acknowledged)} missing through {address}")

    reader = threading.Thread(target=read)
    reader.start()
    try:
        ring.terminate(leaving)
        until(lambda: ring.claims()[slot].epoch == 2, HEALING_SECONDS)
        until(lambda: ring.claims()[slot].phase is Phase.JOINED, HEALING_SECONDS)
        ring.wait_until_whole(3, HEALING_SECONDS)
    finally:
        ended.set()
        reader.join()
    assert wrong == []
    for node in ring.nodes():
        assert missing(node.address, acknowledged, ConsistencyLevel.QUORUM) == []
        assert held_by(node) > len(ROWS) * 0.9


def switch_hints_off(node: Node) -> None:
    """So that nothing brings a node what it missed, but a repair."""
    request = {
        "type": "write",
        "mbean": "org.apache.cassandra.db:type=StorageProxy",
        "attribute": "HintedHandoffEnabled",
        "value": False,
    }
    node.management()._ask(request)


def held_by(node: Node) -> int:
    """About how many rows a node has itself: a read at ONE may ask one that answers sooner."""
    bean = "org.apache.cassandra.metrics:type=Table,keyspace=shop,scope=orders"
    return int(node.management().read(f"{bean},name=EstimatedPartitionCount", "Value"))


def _sees(ring: LivingRing, instance: str, other: str) -> bool:
    """Whether one node sees the other up."""
    host_id = next(c.host_id for c in ring.claims().values() if c.instance == other)
    _, members, _ = ring.node(instance).management().members()
    return members[host_id].alive
