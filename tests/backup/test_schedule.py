"""Who backs up, and when."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.journal import STALE_SECONDS
from paved_road_ring_agent.observed import Cassandra, TableFacts
from paved_road_ring_backup.schedule import EVERY_SECONDS, Held, due, held
from tests.agent.scenes import BIRTH, SLOTS, claim, claims, slot
from tests.backup.member import MEMBER, entry
from tests.backup.stories import HOUR, NOON


def test_a_member_of_a_formed_ring_may_back_up() -> None:
    found = held(entry(), NOON + 10)
    assert found is not None
    assert (found.slot, found.claim.epoch, found.birth) == (slot("b1"), 1, BIRTH)


@pytest.mark.parametrize(
    "changed",
    [
        {"table": None},
        {"table": TableFacts(birth=None, claims={})},
        {"table": TableFacts(birth=replace(BIRTH, formed=False), claims=claims())},
        {"table": TableFacts(birth=BIRTH, claims=claims({"b1": claim("b1", instance="i-x")}))},
        {"table": TableFacts(birth=BIRTH, claims=claims({"b1": claim("b1", epoch=2)}))},
        {
            "table": TableFacts(
                birth=BIRTH, claims=claims({"b1": claim("b1", phase=Phase.REPLACING)})
            )
        },
        {"cassandra": replace(MEMBER.cassandra, normal=False)},
        {"cassandra": replace(MEMBER.cassandra, door=Door.FENCED)},
        {"cassandra": Cassandra(running=False)},
    ],
)
def test_nobody_else_may(changed: dict[str, Any]) -> None:
    assert held(entry(**changed), NOON) is None


def test_an_old_look_is_none() -> None:
    assert held(entry(), NOON + STALE_SECONDS + 1) is None
    assert held(None, NOON) is None


def of(name: str) -> Held:
    return Held(slot=slot(name), claim=claim(name), birth=BIRTH, claims=claims())


def test_slots_take_turns_over_the_hour() -> None:
    for place, name in enumerate(SLOTS):
        turn = NOON + HOUR + place * 600
        assert not due(of(name), turn - HOUR, turn - 1)
        assert due(of(name), turn - HOUR, turn)


@given(st.sampled_from(SLOTS), st.integers(0, 50 * HOUR), st.integers(0, 50 * HOUR))
def test_no_node_waits_for_longer_than_an_hour_nor_has_two_turns_in_one(
    name: str, last: int, waited: int
) -> None:
    began = NOON + last
    turns = [at for at in range(began, began + 2 * HOUR, 60) if due(of(name), began, at)]
    assert due(of(name), began, began + waited) or waited < EVERY_SECONDS
    assert not due(of(name), turns[0], turns[0] + HOUR - 60)
    assert due(of(name), None, NOON)
