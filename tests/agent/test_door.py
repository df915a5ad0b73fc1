"""Who prepares a new ring behind a fence, and when clients are let in."""

from dataclasses import replace

import pytest

from paved_road_ring_agent.actions import AdmitClients, OpenDoor, Start, Wait
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.jvm import NEVER, cassandra_command
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.observed import Cassandra
from paved_road_ring_agent.tuning import Tuning
from tests.agent.scenes import BIRTH, SLOTS, claim, claims, disk, member, members, stopped, table

UNFORMED = replace(BIRTH, formed=False)
FORMING = {name: claim(name, phase=Phase.FORMING, host_id="") for name in SLOTS}


def behind(door: Door) -> Cassandra:
    return Cassandra(running=True, epoch=1, members=members(), host_id="h", normal=True, door=door)


@pytest.mark.parametrize("name", SLOTS)
def test_a_new_ring_starts_with_one_fenced_node_and_all_others_closed(name: str) -> None:
    action = decide(stopped(name, table=table(claims(FORMING), birth=UNFORMED), disk=None))
    assert isinstance(action, Start)
    assert action.door is (Door.FENCED if name == "a0" else Door.CLOSED)


def test_a_node_of_a_formed_ring_starts_open() -> None:
    action = decide(stopped("a0", disk=disk("a0")))
    assert isinstance(action, Start)
    assert action.door is Door.OPEN


@pytest.mark.parametrize("name", SLOTS)
def test_the_fenced_node_alone_prepares_the_ring(name: str) -> None:
    door = Door.FENCED if name == "a0" else Door.CLOSED
    action = decide(member(name, table=table(birth=UNFORMED), cassandra=behind(door)))
    assert isinstance(action, AdmitClients if name == "a0" else Wait)


def test_once_the_ring_is_formed_closed_nodes_open_and_the_fenced_one_starts_anew() -> None:
    assert isinstance(decide(member("b0", cassandra=behind(Door.CLOSED))), OpenDoor)
    action = decide(member("a0", cassandra=behind(Door.FENCED)))
    assert isinstance(action, Start)
    assert (action.door, action.bootstrap) == (Door.OPEN, False)
    assert isinstance(decide(member("a0", cassandra=behind(Door.OPEN))), Wait)


@pytest.mark.parametrize("door", list(Door))
def test_cassandra_makes_its_superuser_behind_the_fence_only(
    door: Door, tmp_path_factory: pytest.TempPathFactory
) -> None:
    software = tmp_path_factory.mktemp("software")
    (software / "lib").mkdir()
    (software / "lib" / "jolokia-agent-jvm-2.6.0-javaagent.jar").touch()
    start = decide(stopped("a0", disk=disk("a0")))
    assert isinstance(start, Start)
    command = cassandra_command(
        replace(start, door=door),
        Layout(software, software),
        software,
        Tuning(heap_mib=256),
    )
    (delay,) = (
        int(one.partition("=")[2])
        for one in command
        if one.startswith("-Dcassandra.superuser_setup_delay_ms")
    )
    assert (delay == NEVER) is (door is not Door.FENCED)
    assert "-Dcassandra.system_auth.default_rf=3" in command
