"""Six real nodes that lose a rack, their disks, or everybody at once."""

import os
import shutil
import signal
import subprocess
from contextlib import AbstractContextManager

import pytest
from cassandra import ConsistencyLevel

from paved_road_lab.trial import Writer
from paved_road_ring_agent.facts import Phase
from tests.lab.clients import make_table, missing, writing
from tests.lab.deployed_estate import paved_road
from tests.lab.living_ring import LivingRing
from tests.lab.ring_templates import RING
from tests.lab.small_region import ESTATE, REGION
from tests.waiting import until

pytestmark = pytest.mark.torture

HEALING_SECONDS = 900


@pytest.fixture(scope="module")
def acknowledged(ring: LivingRing) -> list[int]:
    """Ids of rows that the ring said are written, by all writers of this file so far."""
    make_table(ring.addresses())
    return []


def keep_writing(
    ring: LivingRing, acknowledged: list[int], *racks: str
) -> AbstractContextManager[Writer]:
    """A writer of rows that nobody wrote before, through coordinators of these racks."""
    nodes = [node for node in ring.nodes() if not racks or node.rack in racks]
    first = max(acknowledged, default=-1) + 10_000
    return writing([node.address for node in nodes], first=first)


def nothing_is_missing(ring: LivingRing, acknowledged: list[int]) -> None:
    for coordinator in ring.addresses():
        for level in (ConsistencyLevel.LOCAL_QUORUM, ConsistencyLevel.ALL):
            assert missing(coordinator, acknowledged, level) == []


def test_three_nodes_killed_at_once_under_writes_lose_no_acknowledged_write(
    ring: LivingRing, acknowledged: list[int]
) -> None:
    """One of each rack: all replicas of a third of the rows. The commit log is synced in groups."""
    racks = ring.racks()
    victims = [nodes[0] for nodes in racks.values()]
    with keep_writing(ring, acknowledged) as writer:
        until(lambda: len(writer.acknowledged) > 300)
        for victim in victims:
            victim.signal(signal.SIGKILL, "CassandraDaemon")
        so_far = len(writer.acknowledged)
        ring.wait_until_whole(6, HEALING_SECONDS)
        until(lambda: len(writer.acknowledged) > so_far + 100)
    acknowledged += writer.acknowledged
    assert {claim.epoch for claim in ring.claims().values()} == {1}
    nothing_is_missing(ring, acknowledged)


def test_a_node_whose_data_directory_vanishes_fails_closed_and_is_replaced(
    ring: LivingRing, acknowledged: list[int]
) -> None:
    victim = ring.nodes()[0]
    slot = ring.slot_of(victim)
    with keep_writing(ring, acknowledged, "us-east-1b", "us-east-1c") as writer:
        until(lambda: len(writer.acknowledged) > 50)
        shutil.rmtree(victim.layout.disk, ignore_errors=True)
        until(lambda: ring.claims()[slot].instance != victim.instance, HEALING_SECONDS)
        ring.wait_until_whole(6, HEALING_SECONDS)
    acknowledged += writer.acknowledged
    assert ring.claims()[slot].epoch == 2
    nothing_is_missing(ring, acknowledged)


def test_a_node_that_its_group_ends_drains_first_and_keeps_nothing_from_its_successor(
    ring: LivingRing, acknowledged: list[int]
) -> None:
    leaving = ring.nodes()[-1]
    slot = ring.slot_of(leaving)
    epoch = ring.claims()[slot].epoch
    with keep_writing(ring, acknowledged, "us-east-1a", "us-east-1b") as writer:
        ring.client("autoscaling").terminate_instance_in_auto_scaling_group(
            InstanceId=leaving.instance, ShouldDecrementDesiredCapacity=False
        )
        until(lambda: "DRAINED" in leaving.log("cassandra"), HEALING_SECONDS, every=0.1)
        until(lambda: ring.claims()[slot].epoch == epoch + 1, HEALING_SECONDS)
        ring.wait_until_whole(6, HEALING_SECONDS)
    acknowledged += writer.acknowledged
    nothing_is_missing(ring, acknowledged)


def test_a_whole_rack_that_is_lost_comes_back_in_parallel(
    ring: LivingRing, acknowledged: list[int]
) -> None:
    rack = ring.racks()["us-east-1b"]
    slots = [ring.slot_of(node) for node in rack]
    before = {slot: ring.claims()[slot].epoch for slot in slots}
    with keep_writing(ring, acknowledged, "us-east-1a", "us-east-1c") as writer:
        until(lambda: len(writer.acknowledged) > 50)
        ring.terminate(*rack)
        # Both are on their way before either has arrived.
        until(
            lambda: all(ring.claims()[slot].phase is Phase.REPLACING for slot in slots),
            HEALING_SECONDS,
        )
        ring.wait_until_whole(6, HEALING_SECONDS)
    acknowledged += writer.acknowledged
    for slot in slots:
        assert ring.claims()[slot].epoch == before[slot] + 1
    nothing_is_missing(ring, acknowledged)


def test_two_racks_that_are_lost_are_rebuilt_from_the_third_and_what_that_means_is_said(
    ring: LivingRing, acknowledged: list[int]
) -> None:
    """Every row has one replica left. All of these were on it, but nobody could know."""
    racks = ring.racks()
    lost = [*racks["us-east-1a"], *racks["us-east-1b"]]
    before = {ring.slot_of(node): ring.claims()[ring.slot_of(node)].epoch for node in lost}
    ring.terminate(*lost)
    # One rack's machines may be there, and members, before another's have been launched.
    until(
        lambda: all(ring.claims()[slot].epoch > epoch for slot, epoch in before.items()),
        HEALING_SECONDS,
    )
    ring.wait_until_whole(6, HEALING_SECONDS)
    nothing_is_missing(ring, acknowledged)
    rebuilt = [slot for slot in before if (wish := ring.table().repair(slot)) and wish.alone]
    assert rebuilt
    said = [line for node in ring.nodes() for line in node.said()]
    assert any("only one replica is left of" in line for line in said)
    told = ring_status(ring)
    assert told.returncode == 0, told.stderr
    for slot in rebuilt:
        assert f"{slot.subject} was rebuilt from a single replica" in told.stdout


def ring_status(ring: LivingRing) -> subprocess.CompletedProcess[str]:
    """`paved-road ring status`, as an operator runs it."""
    command = ["paved-road", "ring", "status", RING, "--estate", ESTATE, "--region", REGION]
    folder = os.fspath(ring.folder)
    return paved_road("lab", "exec", "--folder", folder, "--", *command)
