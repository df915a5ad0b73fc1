"""What outsiders see of a ring: views side by side, and what changed between two looks."""

from dataclasses import replace
from typing import Any

import pytest

from paved_road_ring.follow import NotInTimeError, changes, follow
from paved_road_ring.survey import Survey, survey
from paved_road_ring_agent.facts import Phase
from tests.agent.scenes import BIRTH, DC, NOW, claim, claims, slot

RUNNING = {one.instance: "running" for one in claims().values()}
IN_SERVICE = dict.fromkeys(RUNNING, "InService")


def seen(changed: dict[str, Any] | None = None, **given: Any) -> Survey:
    facts: dict[str, Any] = {"birth": BIRTH, "states": RUNNING, "now": NOW, **given}
    return survey(DC, facts["birth"], claims(changed), facts["states"], IN_SERVICE, facts["now"])


def test_a_ring_whose_views_agree_is_whole() -> None:
    found = seen()
    assert found.whole
    assert found.disagreements == ()
    assert [row.token for row in found.rows] == [BIRTH.token(one) for one in sorted(claims())]


@pytest.mark.parametrize(
    ("changed", "given", "said"),
    [
        ({}, {"states": {**RUNNING, "i-a0": "terminated"}}, "EC2 says is terminated"),
        ({"b0": claim("b0", down=("h-a0",))}, {}, "1 nodes see i-a0 down; EC2: running"),
        ({}, {"now": NOW + 61}, "has been silent for 61 s"),
        ({"b0": claim("b0", fault="aa is corrupt")}, {}, "i-b0 cannot go on: aa is corrupt"),
        ({}, {"states": {**RUNNING, "i-new": "running"}}, "i-new runs and holds no slot"),
    ],
)
def test_what_does_not_agree_is_said(
    changed: dict[str, Any], given: dict[str, Any], said: str
) -> None:
    found = seen(changed, **given)
    assert not found.whole
    assert any(said in line for line in found.disagreements)


def test_a_ring_is_not_whole_before_all_have_joined() -> None:
    assert not seen({"c1": claim("c1", phase=Phase.REPLACING)}).whole


def test_nothing_is_said_of_no_change() -> None:
    assert changes(seen(), seen()) == []


def test_a_new_bundle_is_told_when_a_node_runs_it() -> None:
    before = seen({"b0": claim("b0", software="5.0.8-888888888888")})
    after = seen({"b0": claim("b0", software="5.0.9-999999999999")})
    assert changes(before, after) == ["b slot 0000: i-b0 runs bundle 5.0.9-999999999999"]


def test_a_replacement_is_told_as_it_happens() -> None:
    lost = seen({"b0": claim("b0", down=("h-a0",))})
    taken = seen({"a0": claim("a0", instance="i-new", epoch=2, phase=Phase.REPLACING)})
    healed = seen({"a0": claim("a0", instance="i-new", epoch=2)})
    assert changes(seen(), lost) == ["a slot 0000: i-a0 is seen down by other nodes"]
    assert changes(lost, taken) == ["a slot 0000 goes from i-a0 to i-new, epoch 2 (replacing)"]
    assert changes(taken, healed) == ["a slot 0000: i-new is joined"]


def test_forming_is_told_once() -> None:
    young = replace(seen(), formed=False)
    assert changes(young, seen()) == [f"{DC} is formed and open to clients"]
    assert len(changes(None, seen())) == len(RUNNING) + 1


def test_following_ends_when_the_ring_is_whole() -> None:
    looks = iter([seen({"a0": claim("a0", phase=Phase.FORMING)}), seen()])
    said: list[str] = []
    found = follow(lambda: next(looks), seconds=60, say=said.append, sleep=lambda _: None)
    assert found.whole
    assert said[-1] == "a slot 0000: i-a0 is joined"


def test_following_has_an_end_and_says_what_is_missing() -> None:
    waiting = seen({"a0": claim("a0", phase=Phase.FORMING)})
    with pytest.raises(NotInTimeError, match=f"{slot('a0').subject} has not joined"):
        follow(lambda: waiting, seconds=0, sleep=lambda _: None)
