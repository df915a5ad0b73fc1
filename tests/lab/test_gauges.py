"""What agents measure, read from real nodes: the beans exist, and Cassandra repairs itself."""

import importlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from paved_road_bundle.build import build
from paved_road_bundle.install import install
from paved_road_bundle.java import find_java
from paved_road_ring_agent import jvm, settings
from paved_road_ring_agent.actions import Start
from paved_road_ring_agent.facts import Birth, Claim, Phase, Slot
from paved_road_ring_agent.gauges import NodeGauges, node_gauges
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.management import Management, NodeSilentError, write_configuration
from paved_road_ring_agent.process import Process, start
from paved_road_ring_agent.tuning import Tuning
from tests.lab.software import CACHE

pytestmark = pytest.mark.slow

ADDRESSES = ("127.0.77.11", "127.0.77.12")
BIRTH = Birth(incarnation="gauges", racks=("a",), base=2)
START_SECONDS = 180
EAGER = {"min_repair_interval": "5s", "initial_scheduler_delay": "5s"}
"""So that a test sees what takes days."""


def configuration(address: str, index: int) -> dict[str, Any]:
    repairs = {**settings.AUTO_REPAIR["repair_type_overrides"]["full"], **EAGER}
    return {
        "cluster_name": "gauges",
        "num_tokens": 1,
        "initial_token": str(BIRTH.token(Slot(data_center="d", rack="a", index=index))),
        "auto_bootstrap": False,
        "partitioner": "org.apache.cassandra.dht.Murmur3Partitioner",
        "endpoint_snitch": "SimpleSnitch",
        "listen_address": address,
        "rpc_address": address,
        "commitlog_sync": "periodic",
        "commitlog_sync_period": "10s",
        # Whatever a node misses is lost to it until a repair, which is what is counted.
        "max_hint_window": "0ms",
        "auto_repair": {
            **settings.AUTO_REPAIR,
            "repair_check_interval": "5s",
            "repair_task_min_duration": "0s",
            "repair_type_overrides": {"full": repairs},
        },
        "seed_provider": [
            {
                "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                "parameters": [{"seeds": ADDRESSES[0]}],
            }
        ],
    }


def start_node(index: int, root: Path, software: Path) -> tuple[Process, Management]:
    layout = Layout(root=root / str(index), bundle=software)
    layout.configuration.mkdir(parents=True)
    address = ADDRESSES[index]
    yaml = json.dumps(configuration(address, index))
    (layout.configuration / "cassandra.yaml").write_text(yaml)
    (layout.configuration / "logback.xml").write_text(settings.LOGBACK)
    port = jvm.free_port()
    write_configuration(layout.configuration / jvm.MANAGEMENT_FILE, port, "password")
    claim = Claim(instance="i", address=address, epoch=1, phase=Phase.FORMING, renewed=0.0)
    action = Start(
        slot=Slot(data_center="d", rack="a", index=index),
        claim=claim,
        birth=BIRTH,
        seeds=ADDRESSES[:1],
        bootstrap=False,
        reason="the test",
    )
    tuning = Tuning(heap_mib=384, ring_delay_ms=1_000)
    command = jvm.cassandra_command(action, layout, layout.configuration, tuning)
    process, _ = start(command, layout.logs / "cassandra.log")
    return process, Management(port, "password")


def until(what: str, holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if found := holds():
                return found
        except NodeSilentError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"{what} did not come about in {START_SECONDS} s")


def is_normal(node: Management) -> bool:
    return node.members()[2]


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[Process, Management]]]:
    patch = pytest.MonkeyPatch()
    patch.setenv(jvm.JAVA_VARIABLE, str(find_java()))
    bundle = build(CACHE)
    software = install(bundle.path, bundle.sha256, tmp_path_factory.mktemp("software"))
    root, nodes = tmp_path_factory.mktemp("nodes"), []
    try:
        for index in range(2):
            nodes.append(start_node(index, root, software))
            until("a normal member", partial(is_normal, nodes[-1][1]))
        yield nodes
    finally:
        for process, _ in nodes:
            process.end(0)
        patch.undo()


def test_cassandra_repairs_itself_and_tells_since_when_it_did_not(
    ring: list[tuple[Process, Management]],
) -> None:
    node = ring[0][1]
    turns = "org.apache.cassandra.metrics:type=AutoRepair,name=RepairTurnMyTurn,repairType=full"
    until("a repair", lambda: int(node.read(turns, "Count")) >= 1)
    unrepaired = "org.apache.cassandra.metrics:type=AutoRepair,name=LongestUnrepairedSec"
    until("its record", lambda: int(node.read(f"{unrepaired},repairType=full", "Value")) > 0)
    found = node_gauges(node)
    assert 0 < found.unrepaired_seconds < START_SECONDS
    assert replace(found, unrepaired_seconds=0) == NodeGauges(
        pending_compactions=0, unrepaired_seconds=0, dropped_hints=0
    )


def test_writes_that_a_peer_missed_for_good_are_counted(
    ring: list[tuple[Process, Management]],
) -> None:
    node, peer = ring[0][1], ring[1]
    driver: Any = importlib.import_module("cassandra.cluster")
    cluster = driver.Cluster([ADDRESSES[0]], protocol_version=5, connect_timeout=20)
    try:
        session = cluster.connect()
        session.execute(
            "CREATE KEYSPACE k WITH replication = "
            "{'class': 'SimpleStrategy', 'replication_factor': 2}",
            timeout=60,
        )
        session.execute("CREATE TABLE k.t (id int PRIMARY KEY)", timeout=60)
        peer[0].end(0)
        until(
            "the news of its death",
            lambda: any(not one.alive for one in node.members()[1].values()),
        )
        for number in range(10):
            session.execute("INSERT INTO k.t (id) VALUES (%s)", (number,))
    finally:
        cluster.shutdown()
    assert node_gauges(node).dropped_hints >= 10
