"""A ring of six real nodes: it forms from nothing, and heals under writes without losing one."""

import json
import signal
import time
from pathlib import Path

import psutil
import pytest
from cassandra import ConsistencyLevel

from paved_road_lab.hosts.lifecycle import recorded_daemon
from paved_road_lab.hosts.record import HOST_FILE, directory
from paved_road_ring_agent.contract import SUSPENDED_PROCESSES
from paved_road_ring_agent.facts import Phase
from tests.lab.clients import make_table, missing, writing
from tests.lab.living_ring import LivingRing
from tests.lab.node import Node
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]

HEALING_SECONDS = 300


def times(node: Node, word: str) -> list[str]:
    """When the agent logged messages that begin so; texts of times sort like times."""
    lines = [json.loads(line) for line in node.log().splitlines() if line.startswith("{")]
    return [line["time"] for line in lines if line["message"].startswith(word)]


def test_six_nodes_form_a_ring_from_nothing_all_at_once(ring: LivingRing) -> None:
    nodes = ring.nodes()
    assert len({node.rack for node in nodes}) == 3
    # One after another would be one. Not six: a machine with other work boots some hosts late.
    first_joined = min(times(node, "RecordJoined:")[0] for node in nodes)
    assert sum(times(node, "Start:")[0] < first_joined for node in nodes) > 3
    claims = ring.claims()
    assert {claim.epoch for claim in claims.values()} == {1}
    assert {claim.instance for claim in claims.values()} == {node.instance for node in nodes}
    birth = ring.birth()
    for node in nodes:
        host_id, members, normal = node.management().members()
        assert normal
        assert len(members) == 6
        assert claims[ring.slot_of(node)].host_id == host_id
    assert birth.formed
    groups = ring.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert len(groups) == 3
    for group in groups:
        suspended = {one["ProcessName"] for one in group["SuspendedProcesses"]}
        assert suspended == set(SUSPENDED_PROCESSES)
        assert {one["LifecycleState"] for one in group["Instances"]} == {"InService"}


def test_a_node_that_is_lost_under_writes_is_replaced_and_no_write_is_lost(
    ring: LivingRing,
) -> None:
    make_table(ring.addresses())
    victim = ring.nodes()[0]
    slot = ring.slot_of(victim)
    with writing(ring.addresses(victim)) as writer:
        until(lambda: len(writer.acknowledged) > 100)
        ring.terminate(victim)
        ring.wait_until_whole(6, HEALING_SECONDS)
        so_far = len(writer.acknowledged)
        until(lambda: len(writer.acknowledged) > so_far + 50)
    claim = ring.claims()[slot]
    assert (claim.epoch, claim.phase) == (2, Phase.JOINED)
    assert claim.instance != victim.instance
    assert claim.predecessor_address == victim.address
    until(lambda: sorted(ring.vault.contacts()) == sorted(ring.addresses()))
    for coordinator in ring.addresses():
        for level in (ConsistencyLevel.LOCAL_QUORUM, ConsistencyLevel.ALL):
            assert missing(coordinator, writer.acknowledged, level) == []


def test_a_node_that_ec2_gave_up_is_left_alone_while_it_lives_and_fenced_when_it_returns(
    ring: LivingRing,
) -> None:
    """EC2 says terminated, but the machine goes on: alive, then frozen, then back from the dead."""
    ghost = ring.nodes()[-1]
    slot = ring.slot_of(ghost)
    address = ring.claims()[slot].address
    with unplugged(ring, ghost):
        # Alive: peers see it up, whatever EC2 says, and go on as before for many rounds.
        began = time.time()
        until(lambda: all(one.renewed > began + 15 for one in ring.claims().values()))
        assert ring.claims()[slot].instance == ghost.instance
        assert ghost.cassandra
        (row,) = (row for row in ring.survey().rows if row.instance == ghost.instance)
        assert (row.state, row.seen_down_by) == ("terminated", 0)

        # Frozen: peers see it down, and its slot is taken.
        ghost.signal(signal.SIGSTOP)
        until(lambda: ring.claims()[slot].epoch == 2, HEALING_SECONDS)
        until(lambda: ring.claims()[slot].phase is Phase.JOINED, HEALING_SECONDS)
        successor = ring.holder(slot)
        assert successor.address != address

        # Back, but for its agent, which hangs: the supervisor alone fences it.
        ghost.signal(signal.SIGCONT, "paved_road_ring_agent.supervisor")
        ghost.signal(signal.SIGCONT, "CassandraDaemon")
        until(lambda: ghost.cassandra is None)
        # Written down once the process is gone, so a moment later.
        until(lambda: ghost.status().fenced)

        # All of it back, with its old disk: it never starts again.
        ghost.signal(signal.SIGCONT)
        never = f"the disk holds {slot.subject} of epoch 1, which {successor.instance}"
        until(lambda: any(never in line for line in ghost.said()))
        assert ghost.cassandra is None
    ring.wait_until_whole(6, HEALING_SECONDS)
    assert ring.claims()[slot].instance == successor.instance


class unplugged:  # noqa: N801 - reads as what it does to a node
    """EC2 says that the instance is terminated, but its processes and its disk stay.

    The hosts' daemon forgets the host meanwhile, as EC2 forgot the machine.
    """

    def __init__(self, ring: LivingRing, node: Node) -> None:
        self._ring, self._node = ring, node
        self._record: Path = directory(ring.folder, node.instance) / HOST_FILE
        self._hidden = self._record.with_suffix(".unplugged")

    def __enter__(self) -> None:
        daemon = recorded_daemon(self._ring.folder)
        assert daemon
        process = daemon.process()
        assert isinstance(process, psutil.Process)
        process.suspend()
        try:
            self._ring.terminate(self._node)
            self._record.rename(self._hidden)
        finally:
            process.resume()

    def __exit__(self, *_: object) -> None:
        """The daemon finds it again, and ends it."""
        self._hidden.rename(self._record)
