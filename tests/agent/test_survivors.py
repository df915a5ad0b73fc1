"""What is left of a ring's data when several nodes are lost, and who is asked about it."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.actions import AskRepair, Refuse, Replace, RunRepair, Start, Wait
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.facts import Birth, Claim, Phase, Repair, Slot
from paved_road_ring_agent.observed import Observed
from paved_road_ring_agent.repair import positions, repairs_before
from tests.agent.scenes import DC, SLOTS, claim, claims, member, slot, stopped, table


def replacing(name: str) -> Claim:
    return claim(
        name, epoch=2, phase=Phase.REPLACING, host_id="", predecessor_address=f"10.old-{name}"
    )


def rebuilt(name: str, *lost: str, repairs: dict[Slot, Repair] | None = None) -> Observed:
    """`name` is a replacement, and so are the holders of `lost`."""
    found = claims({one: replacing(one) for one in (name, *lost)})
    return stopped(name, disk=None, table=table(found, repairs=repairs), terminated=frozenset())


def test_a_rack_comes_back_in_parallel_and_waits_for_the_other_racks_only() -> None:
    seen = rebuilt("a0", "a1")
    assert decide(seen) == AskRepair(
        slot=slot("a0"),
        repair=Repair(epoch=2),
        reason="the survivors of its ranges are repaired before it joins",
    )
    done = {slot("a0"): Repair(epoch=2, done=(1, 2, 3))}
    assert isinstance(decide(rebuilt("a0", "a1", repairs=done)), Start)


def test_two_racks_lost_wait_for_nobody_and_say_what_is_lost() -> None:
    two_racks = ("a1", "b0", "b1")
    action = decide(rebuilt("a0", *two_racks))
    assert isinstance(action, AskRepair)
    assert action.repair == Repair(epoch=2, alone=(1, 2, 3))
    assert "only one replica is left of 3 of its 3 ranges" in action.reason
    asked = {slot("a0"): action.repair}
    assert isinstance(decide(rebuilt("a0", *two_racks, repairs=asked)), Start)


def test_what_is_lost_while_repairs_go_on_is_added_to_what_is_on_record() -> None:
    asked = {slot("a0"): Repair(epoch=2, done=(1,))}
    action = decide(rebuilt("a0", "b0", repairs=asked))
    assert isinstance(action, AskRepair)
    assert action.repair.done == (1,)
    assert action.repair.alone
    assert 1 not in action.repair.alone


def test_a_ring_without_a_replica_is_not_rebuilt_from_nothing() -> None:
    action = decide(rebuilt("a0", *(name for name in SLOTS if name != "a0")))
    assert isinstance(action, Refuse)
    assert "restore the ring from a backup" in action.reason


def test_nothing_is_concluded_about_replicas_while_ec2_is_silent() -> None:
    assert isinstance(decide(replace(rebuilt("a0"), terminated=None)), Wait)


def test_the_first_living_replica_runs_the_repair_when_the_first_is_lost_too() -> None:
    found = claims({"a0": replacing("a0"), "b0": replacing("b0")})
    wish = table(found, repairs={slot("a0"): Repair(epoch=2)})
    runs = {}
    for name in ("a1", "b1", "c0", "c1"):
        action = decide(member(name, table=wish, terminated=frozenset()))
        if isinstance(action, RunRepair):
            runs[name] = action
    assert runs
    for name, action in runs.items():
        assert action.hosts[0] == f"10.{name}"
        assert "10.b0" not in action.hosts
        assert len(action.hosts) == 2


def test_all_that_are_gone_are_replaced_at_once() -> None:
    down = {name: claim(name, down=("h-b0", "h-c0", "h-c1")) for name in ("a0", "a1", "b1")}
    seen = member("a0", table=table(claims(down)), terminated=frozenset({"i-c0", "i-c1", "i-b0"}))
    action = decide(seen)
    assert isinstance(action, Replace)
    assert action.gone == (("b", "i-b0"), ("c", "i-c0"), ("c", "i-c1"))


def test_a_node_that_may_live_holds_up_nobody_elses_replacement() -> None:
    down = {name: claim(name, down=("h-c0",)) for name in ("a0", "a1", "b1", "c1")}
    seen = member("a0", table=table(claims(down)), terminated=frozenset({"i-b0", "i-c0"}))
    action = decide(seen)
    assert isinstance(action, Replace)
    assert action.gone == (("c", "i-c0"),)


@given(
    racks=st.sampled_from([1, 3, 5]),
    base=st.integers(1, 4),
    grown=st.sets(st.tuples(st.integers(0, 4), st.integers(0, 3))),
    which=st.integers(0, 1_000),
)
def test_the_ranges_of_a_node_are_all_that_cassandra_gives_it(
    racks: int, base: int, grown: set[tuple[int, int]], which: int
) -> None:
    birth = Birth(incarnation="one", racks=tuple("abcde"[:racks]), base=base)
    members = birth.slots(DC) + [
        Slot(data_center=DC, rack=birth.racks[rack], index=base + index)
        for rack, index in sorted(grown)
        if rack < racks and index < base
    ]
    replaced = members[which % len(members)]
    ring = sorted(members, key=birth.token)
    expected = set()
    for place, end in enumerate(ring):
        replicas: dict[str, Slot] = {}
        for step in range(len(ring)):
            one = ring[(place + step) % len(ring)]
            replicas.setdefault(one.rack, one)
        if replaced in replicas.values():
            others = frozenset(replicas.values()) - {replaced}
            expected.add((birth.token(ring[place - 1]), birth.token(end), others))
    found = repairs_before(birth, members, replaced)
    assert {(task.start, task.end, frozenset(task.slots)) for task in found} == expected


def test_newcomers_have_no_place_before_they_join() -> None:
    found = claims({"a1": replacing("a1"), "b1": claim("b1", phase=Phase.GROWING)})
    assert slot("a1") in positions(found)
    assert slot("b1") not in positions(found)
