"""A table that cannot be reached, that was lost, or that is older than the ring."""

from dataclasses import replace
from typing import Any

import pytest

from paved_road_ring_agent.actions import Refuse, Start, Wait
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.facts import Phase, Slot
from paved_road_ring_agent.observed import Cassandra, Observed, Word
from paved_road_ring_agent.words import Telling, from_memory, to_memory
from tests.agent.scenes import (
    BIRTH,
    SLOTS,
    claim,
    claims,
    disk,
    member,
    newcomer,
    slot,
    stopped,
    table,
)

LOST = table({}, birth=None)


def word(name: str, **changed: Any) -> Word:
    held = Word(instance=f"i-{name}", host_id=f"h-{name}", epoch=1, renewed=0.0)
    return replace(held, **changed)


def peers(about: str, *names: str, **changed: Any) -> dict[str, dict[Slot, Word]]:
    """These nodes' agents answer, and say this of a slot."""
    return {f"10.{name}": {slot(about): word(about, **changed)} for name in names}


def alone(name: str = "a0", **changed: Any) -> Observed:
    """A node with its data after a power cut, with no table to ask."""
    seen = stopped(name, table=None, known=table(), words=peers(name, "b0", "b1", "c0", "c1"))
    return replace(seen, **changed)


def test_a_node_starts_on_the_word_of_most_of_its_peers() -> None:
    action = decide(alone())
    assert isinstance(action, Start)
    assert (action.by_word, action.bootstrap, action.claim.epoch) == (True, False, 1)
    assert action.seeds == ("10.a0", "10.b0", "10.c0")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"words": peers("a0", "b0", "b1", "c0")}, "3 of 6 nodes' agents say"),
        ({"words": {}}, "0 of 6 nodes' agents say"),
        (
            {
                "words": peers("a0", "b0", "b1", "c0", "c1")
                | peers("a0", "a1", instance="i-new", epoch=2)
            },
            "a peer says that i-new holds it under epoch 2",
        ),
        (
            {"words": peers("a0", "b0", "b1", "c0", "c1", host_id="h-other")},
            "0 of 6 nodes' agents say",
        ),
        ({"disk": disk("a0", epoch=2)}, "was held by i-a0 under epoch 1 at last"),
        ({"disk": disk("a0", incarnation="two")}, "was held by i-a0 under epoch 1 at last"),
        ({"disk": disk("a0", has_data=False)}, "no member's data"),
        ({"known": None}, "no memory of the table"),
        ({"known": table(claims({"a0": claim("a0", phase=Phase.REPLACING)}))}, "no member's when"),
        ({"known": table(claims({"a0": claim("a0", address="10.9")}))}, "its address has changed"),
    ],
    ids=[
        "half of them",
        "nobody answers",
        "one names a later epoch",
        "another host id",
        "another epoch on the disk",
        "another incarnation",
        "no data",
        "no memory",
        "never joined",
        "another address",
    ],
)
def test_a_node_that_is_not_vouched_for_stays_down(changed: dict[str, Any], why: str) -> None:
    action = decide(alone(**changed))
    assert isinstance(action, Wait)
    assert why in action.reason


def test_a_node_that_runs_serves_on_whatever_its_peers_say() -> None:
    usurped = peers("a0", "b0", "b1", "c0", "c1", instance="i-new", epoch=2)
    action = decide(member("a0", table=None, known=table(), words=usurped))
    assert isinstance(action, Wait)
    assert "serves on" in action.reason


def test_a_termination_waits_until_the_table_can_be_read() -> None:
    seen = alone()
    assert seen.group
    ending = replace(seen.group, instances={"i-a0": "Terminating:Wait"})
    assert isinstance(decide(replace(seen, group=ending)), Wait)
    assert isinstance(decide(member("a0", table=None, group=ending)), Wait)


def test_a_lost_table_stops_no_node_and_starts_none() -> None:
    running = decide(member("a0", table=LOST, answering=frozenset(), backups=False))
    assert isinstance(running, Refuse)
    assert "it serves on, and the table must be restored" in running.reason
    down = decide(stopped("a0", table=LOST, answering=frozenset(), backups=False))
    assert isinstance(down, Refuse)
    assert "restore the table" in down.reason
    fresh = decide(newcomer(table=LOST, answering=frozenset({"10.b0"}), backups=False))
    assert isinstance(fresh, Refuse)


def test_a_claim_that_is_lost_while_the_birth_is_there_stops_no_node_and_starts_none() -> None:
    """A table is not emptied at once: real agents looked in between, and stopped their nodes."""
    partly = claims()
    del partly[slot("a0")]
    running = decide(member("a0", table=table(partly)))
    assert isinstance(running, Refuse)
    assert "no holder of this node's slot" in running.reason
    assert isinstance(decide(stopped("a0", table=table(partly))), Refuse)


def test_a_table_older_than_the_ring_stops_nobody() -> None:
    newer = Cassandra(running=True, epoch=3, normal=True)
    action = decide(member("a1", cassandra=newer, disk=disk("a1", epoch=3)))
    assert isinstance(action, Refuse)
    assert "the table is older than the ring" in action.reason


def test_what_was_kept_and_told_is_what_was_read() -> None:
    facts = table(claims({"a1": claim("a1", epoch=4, phase=Phase.REPLACING, down=("h-b0",))}))
    assert from_memory(to_memory(facts)) == facts
    told = Telling.from_json(Telling.of(facts).to_json())
    assert told.about(facts)[slot("a1")] == Word(
        instance="i-a1", host_id="h-a1", epoch=4, renewed=1_000.0
    )
    assert len(told.about(facts)) == len(SLOTS)
    other = table(birth=replace(BIRTH, incarnation="two"))
    assert told.about(other) == {}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"slots": {}}', '{"incarnation": "", "slots": {"a": 1}}']
)
def test_what_is_no_agents_word_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own error or ours
        Telling.from_json(text)
