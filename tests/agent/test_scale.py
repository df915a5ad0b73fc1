"""What keeps a thousand nodes from tripping over each other: choice, pace, and what is read."""

from collections import Counter
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.actions import Action, OpenDoor, Refuse, RunRepair, Wait
from paved_road_ring_agent.choice import choose
from paved_road_ring_agent.facts import Birth, Claim, Repair, Slot
from paved_road_ring_agent.observed import Me
from paved_road_ring_agent.pace import PROMPT_SECONDS, READS_PER_SECOND, moves_on, pause_seconds
from paved_road_ring_agent.reading import claims_to_look_at
from paved_road_ring_agent.repair import Task
from paved_road_ring_agent.succession import FRESH_SECONDS
from paved_road_ring_agent.table import Table
from tests.agent.scenes import DC, RACKS, only, slot

RACK = [Slot(data_center=DC, rack="a", index=index) for index in range(333)]


@given(st.sets(st.sampled_from(RACK), min_size=1), st.uuids().map(str))
def test_a_preferred_slot_stays_so_whatever_else_is_taken(free: set[Slot], instance: str) -> None:
    first = choose(instance, free)
    rest = free - {first}
    assert first in free
    assert choose(instance, sorted(free)) == first
    for other in rest:
        assert choose(instance, free - {other}) == first


def test_a_rack_of_333_agrees_in_some_eight_looks() -> None:
    """The worst case: all see the same free slots before any of them writes."""
    free, seeking, looks = set(RACK), [f"i-{number:017x}" for number in range(len(RACK))], 0
    while seeking:
        wanted: dict[Slot, str] = {}
        for instance in seeking:
            wanted.setdefault(choose(instance, free), instance)
        free -= wanted.keys()
        seeking = [instance for instance in seeking if instance not in wanted.values()]
        looks += 1
    assert not free
    assert looks <= 12


def test_instances_spread_over_slots() -> None:
    few = RACK[:4]
    chosen = Counter(choose(f"i-{number}", few) for number in range(4_000))
    assert all(800 < chosen[one] < 1_200 for one in few)


@pytest.mark.parametrize(("slots", "seconds"), [(0, 2), (3, 2), (282, 2), (1_000, 25)])
def test_small_rings_look_often_and_large_ones_as_often_as_the_table_bears(
    slots: int, seconds: float
) -> None:
    assert pause_seconds(slots) == seconds


@given(st.integers(min_value=1, max_value=1_024))
def test_no_ring_outreads_its_table_or_lets_its_word_go_stale(slots: int) -> None:
    assert slots * slots / pause_seconds(slots, PROMPT_SECONDS) < 1.001 * READS_PER_SECOND
    assert 2 * pause_seconds(slots) < FRESH_SECONDS


WAITS = Wait(reason="nothing to do")
LETS_IN = OpenDoor(reason="the ring is ready for clients")
REPAIRS = RunRepair(
    replaced=slot("c0"),
    repair=Repair(epoch=2),
    number=1,
    task=Task(start=1, end=2, slots=(slot("a0"), slot("b0"))),
    hosts=("10.0.0.1", "10.0.0.2"),
    reason="c0 is to be replaced",
)


@pytest.mark.parametrize(
    ("action", "last", "forward"),
    [
        (LETS_IN, WAITS, True),
        (LETS_IN, LETS_IN, False),
        (REPAIRS, REPAIRS, True),
        (WAITS, LETS_IN, False),
        (Refuse(reason="in doubt"), WAITS, False),
    ],
)
def test_a_step_forward_is_followed_at_once_and_one_repeated_is_not(
    action: Action, last: Action, forward: bool
) -> None:
    assert moves_on(action, last) == forward


class Asked:
    """Stands for the table: answers from `found` and keeps what it was asked."""

    def __init__(self, found: dict[Slot, Claim]) -> None:
        self.found, self.all = found, False

    def claims(self, slots: Any) -> dict[Slot, Claim]:
        return {one: self.found[one] for one in slots if one in self.found}

    def all_claims(self, _birth: Birth) -> dict[Slot, Claim]:
        self.all = True
        return self.found


@pytest.mark.parametrize(
    ("me", "held", "formed", "all_of_them"),
    [
        ("i-new", ("a0", "b0"), False, False),
        ("i-a0", ("a0", "b0"), False, True),
        ("i-new", ("a0", "a1", "b0"), False, True),
        ("i-new", ("a0", "b0"), True, True),
    ],
    ids=["seeks a slot", "has one", "finds none free", "finds a ring that was formed"],
)
def test_a_founder_without_a_slot_reads_its_own_rack_alone(
    me: str, held: tuple[str, ...], formed: bool, all_of_them: bool
) -> None:
    table = Asked(only(*held))
    birth = Birth(incarnation="one", racks=RACKS, base=2, formed=formed)
    seen = claims_to_look_at(
        cast("Table", table),
        birth,
        Me(instance=me, address="10.0.0.9", data_center=DC, rack="a"),
    )
    assert table.all == all_of_them
    assert slot("a0") in seen
    assert (slot("b0") in seen) == all_of_them
