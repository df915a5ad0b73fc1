"""A ring that comes back in another data center: its keyspaces are moved before anything else."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from paved_road_ring_agent.actions import GiveBirth, MoveKeyspaces, RepairOwn, Start, TakeSlot, Wait
from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Birth, Phase, from_item, to_item
from paved_road_ring_agent.moving import move, plan
from paved_road_ring_agent.preparation import Spread
from tests.agent.restored import ORIGIN, begin_from_elsewhere, destroy
from tests.agent.scenes import (
    BIRTH,
    DC,
    NODE,
    SLOTS,
    claim,
    claims,
    member,
    newcomer,
    stopped,
    table,
)
from tests.agent.slots import Slots
from tests.agent.test_door import behind
from tests.agent.test_restoring import all_in, filled
from tests.agent.world import World

WEST = "us-west-2-g1"
NETWORK = "org.apache.cassandra.locator.NetworkTopologyStrategy"
BORN = Birth(incarnation="two", racks=BIRTH.racks, base=2, origin=ORIGIN, came_from=WEST)
MOVED = replace(BORN, moved=True)
JOINED = {name: claim(name, incarnation="two") for name in SLOTS}


def joined(name: str, birth: Birth, door: Door) -> Any:
    facts = table(claims(JOINED), birth=birth)
    return decide(member(name, table=facts, cassandra=behind(door)))


def test_what_was_replicated_to_the_lost_data_center_is_replicated_here_as_often() -> None:
    found = {
        "shop": {"class": NETWORK, WEST: "3"},
        "wide": {"class": NETWORK, WEST: "5", "eu-west-1-g1": "3"},
        "theirs": {"class": NETWORK, "eu-west-1-g1": "3"},
        "old": {"class": "SimpleStrategy", "replication_factor": "3"},
        "system": {"class": "org.apache.cassandra.locator.LocalStrategy"},
    }
    assert plan(found, WEST, DC) == [
        Spread(keyspace="shop", replicas={DC: 3}),
        Spread(keyspace="wide", replicas={DC: 5}),
    ]


class OneNode:
    """Understands what a move says, as long as its peers have a schema of their own."""

    def __init__(self, *peers: str) -> None:
        self.peers, self.altered = peers, list[str]()

    def execute(self, statement: str, _parameters: Any = ()) -> list[Any]:
        if "system_schema.keyspaces" in statement:
            shop = {"class": NETWORK, WEST: "3"}
            return [SimpleNamespace(keyspace_name='odd"Name', replication=shop)]
        if "system.local" in statement:
            return [SimpleNamespace(schema_version="new")]
        if "system.peers" in statement:
            return [SimpleNamespace(peer=n, schema_version=one) for n, one in enumerate(self.peers)]
        self.altered.append(statement)
        return []


def test_a_move_counts_once_every_node_knows_it() -> None:
    birth, alone = replace(BORN, base=1), OneNode("new", "old")
    assert "1 have another schema" in move(alone, birth, DC)
    assert "knows 2 of 3 nodes" in move(OneNode("new"), birth, DC)
    assert move(OneNode("new", "new"), birth, DC) == ""
    assert alone.altered == [
        'ALTER KEYSPACE "odd""Name" WITH replication = '
        f"{{'class': 'NetworkTopologyStrategy', '{DC}': 3}}"
    ]


@pytest.mark.parametrize("birth", [BORN, MOVED], ids=["misplaced", "moved"])
@pytest.mark.parametrize("name", SLOTS)
def test_one_node_asks_for_no_password_until_keyspaces_are_moved(name: str, birth: Birth) -> None:
    facts = replace(all_in(Phase.FORMING), birth=birth)
    action = decide(stopped(name, table=facts, disk=filled(name), terminated=frozenset()))
    assert isinstance(action, Start)
    fence = Door.UNLOCKED if birth is BORN else Door.FENCED
    assert action.door is (fence if name == "a0" else Door.CLOSED)


def test_keyspaces_are_moved_by_one_when_all_have_joined_and_before_any_repair() -> None:
    early = {**JOINED, "c1": claim("c1", phase=Phase.FORMING, incarnation="two", host_id="")}
    facts = table(claims(early), birth=BORN)
    assert isinstance(decide(member("a0", table=facts, cassandra=behind(Door.UNLOCKED))), Wait)
    assert isinstance(joined("a0", BORN, Door.UNLOCKED), MoveKeyspaces)
    for name in SLOTS[1:]:
        waits = joined(name, BORN, Door.CLOSED)
        assert isinstance(waits, Wait)
        assert "has keyspaces moved here from us-west-2-g1" in waits.reason


def test_once_moved_passwords_are_asked_again_and_all_repair() -> None:
    again = joined("a0", MOVED, Door.UNLOCKED)
    assert isinstance(again, Start)
    assert again.door is Door.FENCED
    assert isinstance(joined("a0", MOVED, Door.FENCED), RepairOwn)
    assert isinstance(joined("b0", MOVED, Door.CLOSED), RepairOwn)


def test_what_was_moved_is_written_down_once_and_never_closes_a_ring_again() -> None:
    slots = Slots({})
    assert slots.begin_anew(BORN, None)
    assert slots.mark_moved(MOVED)
    assert slots.birth() == MOVED
    assert slots.mark_formed(replace(MOVED, formed=True))
    assert not slots.mark_moved(MOVED)
    assert from_item(Birth, to_item(MOVED)) == MOVED
    item = to_item(BIRTH)
    del item["came_from"], item["moved"]
    assert from_item(Birth, item) == BIRTH


def test_a_ring_of_another_data_center_comes_back_here(world: World) -> None:
    destroy(world)
    begin_from_elsewhere(world)
    world.until(lambda: world.settled(1))
    birth = Slots(world.items).birth()
    assert birth
    assert (birth.came_from, birth.moved) == ("us-west-2-g1", True)
    assert len(world.repaired) == 3


def test_whoever_moves_them_is_replaced_if_it_is_lost(world: World) -> None:
    destroy(world)
    begin_from_elsewhere(world)
    world.until(lambda: {one.phase for one in world.claims().values()} == {Phase.JOINED})
    holder = next(one for slot, one in world.claims().items() if slot.rack == "a")
    world.terminate(holder.instance)
    world.until(lambda: world.settled(1))


def test_a_ring_that_is_deployed_to_come_back_forms_nothing_by_itself() -> None:
    fresh = newcomer("a", table=table({}, birth=None), answering=frozenset(), backups=False)
    assert isinstance(decide(fresh), GiveBirth)
    waits = decide(replace(fresh, me=replace(fresh.me, waits_for_restore=True)))
    assert isinstance(waits, Wait)
    assert "`paved-road ring restore`" in waits.reason
    born = replace(fresh, table=table({}, birth=BORN))
    assert isinstance(decide(replace(born, me=replace(born.me, waits_for_restore=True))), TakeSlot)


def test_only_nodes_that_wait_are_told_so() -> None:
    waiting = replace(NODE, waits_for_restore=True)
    assert NodeFile.from_user_data(waiting.user_data()) == waiting
    assert NodeFile.from_user_data(NODE.user_data()) == NODE
    assert "waits_for_restore" not in NODE.user_data()
