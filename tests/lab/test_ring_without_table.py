"""Three real nodes whose slot table cannot be reached, was lost, or names places they have left."""

import json
import signal
import sys
import time
from pathlib import Path

import pytest
from cassandra import ConsistencyLevel

from paved_road_lab.hosts.lifecycle import hosts_down
from paved_road_ring_agent.management import NodeSilentError
from tests.lab.clients import make_table, missing, write
from tests.lab.living_ring import LivingRing
from tests.lab.node import Node
from tests.lab.slot_table import put_back, take_all
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]

NODES_PER_RACK = 1
RESTART_SECONDS = 240
ROWS = range(200)

MOVED = """
from dataclasses import replace
from paved_road_ring_node import agent
asked = agent.read_identity
def read_identity():
    found = asked()
    network, _, host = found.address.rpartition(".")
    return replace(found, address=f"{network}.{int(host) + 100}")
agent.read_identity = read_identity
agent.main()
"""
"""An agent whose instance has another address than the lab gave it."""


def normal(node: Node) -> bool:
    try:
        return node.cassandra is not None and node.management().members()[2]
    except (AssertionError, NodeSilentError):
        return False


def said(node: Node, words: str) -> bool:
    return any(words in line for line in node.said())


@pytest.fixture(scope="module")
def rows(ring: LivingRing) -> list[int]:
    """Ids that were acknowledged."""
    make_table(ring.addresses())
    written = write(ring.addresses(), ROWS)
    assert len(written) == len(ROWS)
    return written


def all_there(ring: LivingRing, rows: list[int]) -> bool:
    return all(missing(one, rows, ConsistencyLevel.ALL) == [] for one in ring.addresses())


def test_an_agent_partitioned_from_the_table_does_nothing_and_its_node_serves_on(
    ring: LivingRing, rows: list[int]
) -> None:
    node, before = ring.nodes()[0], ring.claims()
    database = node.cassandra
    assert database
    with ring.partition_from_table(node):
        until(lambda: said(node, "the slot table cannot be reached; the node serves on"))
        until(lambda: "the slot table cannot be reached" in node.log("supervisor"))
        # Many rounds of both, while the others go on.
        began, others = time.time(), ring.nodes()[1:]
        until(lambda: all(ring.claim_of(one).renewed > began + 15 for one in others))
        assert ring.claim_of(node).renewed < began
        assert normal(node)
        assert node.cassandra == database
        assert missing(node.address, rows) == []
    assert {s: (c.instance, c.epoch) for s, c in ring.claims().items()} == {
        slot: (claim.instance, claim.epoch) for slot, claim in before.items()
    }
    ring.wait_until_whole(3)


def test_all_nodes_lose_power_while_the_table_is_out_of_reach_and_come_back_by_their_peers_word(
    ring: LivingRing, rows: list[int]
) -> None:
    nodes = ring.nodes()
    with ring.partition_from_table(*nodes):
        ring.power_cut(*nodes)
        until(lambda: all(normal(node) for node in nodes), RESTART_SECONDS)
        for node in nodes:
            assert said(node, "0 of 3 nodes' agents say") or said(node, "is held under epoch 1")
            assert json.loads(node.layout.permit.read_text())["by_word"]
    ring.wait_until_whole(3)
    assert {claim.epoch for claim in ring.claims().values()} == {1}
    assert all_there(ring, rows)


def test_a_lost_table_stops_no_node_starts_none_and_forms_no_ring(
    ring: LivingRing, rows: list[int]
) -> None:
    nodes = ring.nodes()
    birth = ring.birth()
    items = take_all(ring)
    try:
        running = [node.cassandra for node in nodes]
        until(lambda: all(said(node, "it serves on, and the table must be") for node in nodes))
        assert [node.cassandra for node in nodes] == running
        assert missing(nodes[0].address, rows) == []
        # One that stops stays down: nobody knows whose slot it is.
        nodes[2].signal(signal.SIGKILL, "CassandraDaemon")
        until(lambda: said(nodes[2], ": restore the table"))
        assert nodes[2].cassandra is None
        assert ring.table().birth() is None
    finally:
        put_back(ring, items)
    until(lambda: normal(nodes[2]), RESTART_SECONDS)
    ring.wait_until_whole(3)
    assert ring.birth() == birth
    assert all_there(ring, rows)


def test_every_node_comes_back_at_another_address(
    ring: LivingRing, rows: list[int], tmp_path: Path
) -> None:
    before = ring.addresses()
    programs = tmp_path / "moved.json"
    agent = [sys.executable, "-c", MOVED]
    supervisor = [sys.executable, "-m", "paved_road_ring_agent.supervisor"]
    programs.write_text(
        json.dumps([{"name": "supervisor", "argv": supervisor}, {"name": "agent", "argv": agent}])
    )
    assert hosts_down(ring.folder)
    ring.start_hosts(programs=programs)
    until(lambda: not {*ring.addresses()} & {*before}, RESTART_SECONDS)
    ring.wait_until_whole(3)
    assert all_there(ring, rows)
    assert {claim.epoch for claim in ring.claims().values()} == {1}
