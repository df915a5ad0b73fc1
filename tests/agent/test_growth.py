"""Racks that double: who joins when, and who removes what it gave away."""

from dataclasses import replace

import pytest

from paved_road_ring_agent.actions import CleanUp, Start, Wait
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.facts import Claim, Phase, Slot
from paved_road_ring_agent.holder import NO_ROLE
from tests.agent.scenes import NOW, SLOTS, claim, claims, member, only, slot, stopped, table

NEW = ("a2", "a3", "b2", "b3", "c2", "c3")


def grown(phase: Phase, **changed: Claim) -> dict[Slot, Claim]:
    new = {name: claim(name, phase=phase) for name in NEW}
    return claims(new | changed)


def test_all_newcomers_join_at_once_at_tokens_of_their_own() -> None:
    found = table(grown(Phase.GROWING))
    for name in NEW:
        action = decide(stopped(name, disk=None, table=found, terminated=frozenset()))
        assert isinstance(action, Start)
        assert (action.bootstrap, action.replaces) == (True, "")
        assert f"10.{name}" not in action.seeds


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"b0": claim("b0", phase=Phase.REPLACING)}, "b#0000 is being replaced"),
        ({"b0": claim("b0", down=("h-c0",))}, "b#0000 sees 1 nodes down"),
        ({"b0": claim("b0", renewed=NOW - 61)}, "b#0000 is silent"),
    ],
)
def test_newcomers_wait_for_a_ring_that_is_not_whole(changed: dict[str, Claim], why: str) -> None:
    found = table(grown(Phase.GROWING, **changed))
    action = decide(stopped("a2", disk=None, table=found, terminated=frozenset()))
    assert isinstance(action, Wait)
    assert why in action.reason


def test_a_newcomer_that_was_cut_off_while_it_joined_does_not_wait_for_itself() -> None:
    found = table(grown(Phase.GROWING, b0=claim("b0", down=("h-a2",))))
    assert isinstance(decide(stopped("a2", table=found, terminated=frozenset())), Start)


def test_old_nodes_clean_up_once_all_newcomers_have_joined() -> None:
    found = table(grown(Phase.JOINED))
    for name in SLOTS:
        action = decide(member(name, table=found))
        assert isinstance(action, CleanUp)
        assert action.claim == claim(name, cleaned=4)
        again = table(grown(Phase.JOINED, **{name: action.claim}))
        assert decide(member(name, table=again)).reason == NO_ROLE
    for name in NEW:
        assert decide(member(name, table=found)).reason == NO_ROLE


def test_nothing_is_removed_before_the_growth_is_over_or_while_the_ring_is_hurt() -> None:
    half = table(grown(Phase.JOINED, c3=claim("c3", phase=Phase.GROWING)))
    assert decide(member("a0", table=half)).reason == NO_ROLE
    hurt = table(grown(Phase.JOINED, c3=claim("c3", down=("h-b0",))))
    assert decide(member("a0", table=hurt)).reason == NO_ROLE


def test_a_ring_that_never_grew_has_nothing_to_remove() -> None:
    assert decide(member("a0")).reason == NO_ROLE
    unformed = table(only("a0"))
    assert not isinstance(decide(member("a0", table=unformed)), CleanUp)


def test_a_second_doubling_is_cleaned_up_after_too() -> None:
    once = {name: claim(name, cleaned=4) for name in SLOTS} | {n: claim(n) for n in NEW}
    more = {f"{rack}{index}": claim(f"{rack}{index}") for rack in "abc" for index in range(4, 8)}
    found = table({slot(name): one for name, one in (once | more).items()})
    for name in (*SLOTS, *NEW):
        action = decide(member(name, table=found))
        assert isinstance(action, CleanUp)
        assert action.claim.cleaned == 8
    assert decide(replace(member("a4"), table=found)).reason == NO_ROLE
