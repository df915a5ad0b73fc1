"""The holder of a slot: forming, restarting, replacing, and what it does for others."""

from dataclasses import replace

import pytest

from paved_road_ring_agent.actions import (
    AdmitClients,
    AskRepair,
    Drain,
    EnterService,
    Leave,
    RecordJoined,
    Refuse,
    Replace,
    RunRepair,
    Start,
    Stop,
    Wait,
)
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.facts import Birth, Phase, Repair
from paved_road_ring_agent.observed import Cassandra, Group
from paved_road_ring_agent.repair import repairs_before
from tests.agent.scenes import (
    BIRTH,
    SLOTS,
    claim,
    claims,
    disk,
    member,
    members,
    only,
    slot,
    stopped,
    table,
)

UNFORMED = replace(BIRTH, formed=False)
FORMING = {name: claim(name, phase=Phase.FORMING, host_id="") for name in SLOTS}
REPLACING = claim("a1", epoch=2, phase=Phase.REPLACING, host_id="", predecessor_address="10.old")


def test_a_founder_waits_until_all_slots_are_claimed() -> None:
    some = {slot(name): one for name, one in FORMING.items() if name != "c1"}
    action = decide(stopped("a0", disk=None, table=table(some, birth=UNFORMED)))
    assert isinstance(action, Wait)
    assert "1 slots are not claimed" in action.reason


def test_founders_start_all_at_once_without_streaming_from_each_other() -> None:
    found = table(claims(FORMING), birth=UNFORMED)
    action = decide(stopped("c1", disk=None, table=found))
    assert isinstance(action, Start)
    assert not action.bootstrap
    assert action.seeds == ("10.a0", "10.b0", "10.c0")


def test_a_member_restarts_with_its_disk_and_its_epoch() -> None:
    action = decide(stopped("b1"))
    assert isinstance(action, Start)
    assert (action.bootstrap, action.replaces) == (False, "")
    assert action.seeds == ("10.a0", "10.b0", "10.c0")


@pytest.mark.parametrize("wrong", [disk("a1", epoch=3), disk("a0"), disk("a1", incarnation="two")])
def test_a_disk_that_is_not_the_slots_is_refused(wrong: object) -> None:
    action = decide(stopped("a1", disk=wrong))
    assert isinstance(action, Refuse)
    assert "the disk holds" in action.reason


@pytest.mark.parametrize("lost", [None, disk("a1", has_data=False)])
def test_a_member_that_lost_its_disk_leaves_instead_of_answering_with_nothing(
    lost: object,
) -> None:
    assert isinstance(decide(stopped("a1", disk=lost)), Leave)


def test_a_replacement_has_the_survivors_repaired_first() -> None:
    found = claims({"a1": REPLACING})
    seen = stopped("a1", disk=None, table=table(found), terminated=frozenset())
    assert decide(seen) == AskRepair(
        slot=slot("a1"),
        repair=Repair(epoch=2),
        reason="the survivors of its ranges are repaired before it joins",
    )
    asked = table(found, repairs={slot("a1"): Repair(epoch=2, done=(1, 3))})
    waiting = decide(replace(seen, table=asked))
    assert isinstance(waiting, Wait)
    assert "1 of 3 repairs" in waiting.reason
    done = table(found, repairs={slot("a1"): Repair(epoch=2, done=(1, 2, 3))})
    action = decide(replace(seen, table=done))
    assert isinstance(action, Start)
    assert (action.bootstrap, action.replaces) == (True, "10.old")
    assert "10.a1" not in action.seeds


def test_an_earlier_epochs_repairs_do_not_count() -> None:
    stale = table(claims({"a1": REPLACING}), repairs={slot("a1"): Repair(epoch=1, done=(1, 2, 3))})
    seen = stopped("a1", disk=None, table=stale, terminated=frozenset())
    assert isinstance(decide(seen), AskRepair)


def test_survivors_run_the_repairs_that_name_them_first() -> None:
    wish = table(claims({"a1": REPLACING}), repairs={slot("a1"): Repair(epoch=2)})
    asked = {}
    for name in SLOTS:
        if name != "a1":
            action = decide(member(name, table=wish))
            if isinstance(action, RunRepair):
                asked[action.number] = (name, action.task)
    tasks = repairs_before(BIRTH, [slot(name) for name in SLOTS], slot("a1"))
    assert sorted(asked) == [1, 2, 3]
    assert all(task == tasks[number - 1] for number, (_, task) in asked.items())
    assert all(slot(name) == task.slots[0] for name, task in asked.values())


def test_a_superseded_epoch_is_stopped() -> None:
    old = Cassandra(running=True, epoch=1, normal=True)
    seen = member("a1", cassandra=old, table=table(claims({"a1": claim("a1", epoch=2)})))
    assert isinstance(decide(seen), Stop)


def test_a_normal_member_is_recorded_and_then_enters_service() -> None:
    found = claims({"a1": claim("a1", phase=Phase.FORMING, host_id="")})
    seen = member("a1", table=table(found))
    action = decide(seen)
    assert isinstance(action, RecordJoined)
    assert (action.claim.phase, action.claim.host_id) == (Phase.JOINED, "h-a1")
    waiting = Group(name="rack-a", nodes=2, instances={"i-a1": "Pending:Wait"})
    assert isinstance(decide(member("a1", group=waiting)), EnterService)


def test_a_launch_completes_when_cassandra_answers_however_long_it_streams() -> None:
    waiting = Group(name="rack-a", nodes=2, instances={"i-a1": "Pending:Wait"})
    joining = Cassandra(running=True, epoch=2, host_id="h-new")
    found = table(claims({"a1": REPLACING}))
    seen = member("a1", cassandra=joining, group=waiting, table=found, disk=disk("a1", epoch=2))
    assert isinstance(decide(seen), EnterService)
    silent = replace(joining, host_id="")
    assert isinstance(decide(replace(seen, cassandra=silent)), Wait)
    done = Group(name="rack-a", nodes=2, instances={"i-a1": "InService"})
    assert "not normal yet" in decide(replace(seen, group=done)).reason


def test_clients_are_admitted_once_all_founders_are_members() -> None:
    some = table(claims({"c1": FORMING["c1"]}), birth=UNFORMED)
    assert "c#0001" in decide(member("a0", table=some)).reason
    assert isinstance(decide(member("a0", table=table(birth=UNFORMED))), AdmitClients)


def test_a_node_that_is_starting_is_left_alone() -> None:
    starting = Cassandra(running=True, epoch=1)
    assert isinstance(decide(member("a0", cassandra=starting)), Wait)


def test_a_termination_drains_the_node() -> None:
    ending = Group(name="rack-a", nodes=2, instances={"i-a0": "Terminating:Wait"})
    assert decide(member("a0", group=ending)) == Drain(
        group="rack-a", reason="the group is ending this instance"
    )


def test_a_peer_that_is_gone_is_replaced_by_its_group_and_one_that_may_live_is_not() -> None:
    down = {name: claim(name, down=("h-c1",)) for name in SLOTS if name != "c1"}
    seen = member(
        "a0",
        table=table(claims(down)),
        terminated=frozenset({"i-c1"}),
        cassandra=Cassandra(
            running=True, epoch=1, host_id="h-a0", normal=True, members=members(("c1",))
        ),
    )
    action = decide(seen)
    assert isinstance(action, Replace)
    assert action.gone == (("c", "i-c1"),)
    assert isinstance(decide(replace(seen, terminated=frozenset())), Wait)
    assert isinstance(decide(replace(seen, table=table())), Wait)


def test_no_node_of_several_starts_with_no_seed_but_itself() -> None:
    alone = table(only("a0"), birth=Birth(incarnation="one", racks=("a",), base=2))
    action = decide(stopped("a0", table=alone))
    assert isinstance(action, Wait)
    assert "no seed" in action.reason


def test_the_only_node_of_a_ring_of_one_is_its_own_seed() -> None:
    one = Birth(incarnation="one", racks=("a",), base=1)
    action = decide(stopped("a0", table=table(only("a0"), birth=one)))
    assert isinstance(action, Start)
    assert action.seeds == ("10.a0",)
