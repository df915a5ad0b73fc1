"""An instance without a slot: when the ring is born, which slot it takes, when it takes none."""

from dataclasses import replace

import pytest

from paved_road_ring_agent.actions import GiveBirth, Refuse, Stop, TakeSlot, Wait
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.facts import Claim, Phase
from paved_road_ring_agent.observed import Group, Observed
from tests.agent.scenes import (
    BIRTH,
    NOW,
    SLOTS,
    claim,
    claims,
    disk,
    member,
    newcomer,
    only,
    slot,
    stopped,
    table,
)

NOTHING = table({}, birth=None)
UNFORMED = replace(BIRTH, formed=False)
MOST = ("b0", "b1", "c0")


def test_a_ring_is_born_only_where_none_is_on_record_answers_or_was_backed_up() -> None:
    action = decide(newcomer(table=NOTHING, answering=frozenset(), backups=False))
    assert isinstance(action, GiveBirth)
    assert action.base == 2


@pytest.mark.parametrize(
    ("answering", "backups", "kind", "words"),
    [
        (None, False, Wait, "cannot be seen"),
        (frozenset(), None, Wait, "cannot be seen"),
        (frozenset({"10.b0"}), False, Refuse, "answer at 10.b0: restore the table"),
        (frozenset(), True, Refuse, "backups of it exist"),
    ],
)
def test_a_lost_table_does_not_form_a_living_ring_anew(
    answering: frozenset[str] | None, backups: bool | None, kind: type, words: str
) -> None:
    action = decide(newcomer(table=NOTHING, answering=answering, backups=backups))
    assert isinstance(action, kind)
    assert words in action.reason


def test_a_free_slot_of_the_own_rack_is_taken_with_epoch_one() -> None:
    held = only("a0", "b0")
    action = decide(newcomer("a", table=table(held, birth=UNFORMED)))
    assert isinstance(action, TakeSlot)
    assert (action.slot, action.claim.epoch, action.claim.phase) == (slot("a1"), 1, Phase.FORMING)


def test_a_slot_beyond_the_ring_as_it_was_formed_grows_it() -> None:
    seen = newcomer("a", group=Group(name="rack-a", nodes=4, instances={}))
    action = decide(replace(seen, terminated=frozenset()))
    assert isinstance(action, TakeSlot)
    assert action.slot.index in {2, 3}
    assert action.claim.phase is Phase.GROWING


def test_founding_slots_are_filled_before_a_ring_grows() -> None:
    seen = newcomer(
        "a",
        table=table(only("a0"), birth=UNFORMED),
        group=Group(name="rack-a", nodes=4, instances={}),
    )
    action = decide(seen)
    assert isinstance(action, TakeSlot)
    assert (action.slot, action.claim.phase) == (slot("a1"), Phase.FORMING)


def test_a_size_that_is_no_doubling_is_refused() -> None:
    seen = newcomer("a", group=Group(name="rack-a", nodes=3, instances={}))
    action = decide(seen)
    assert isinstance(action, Refuse)
    assert "3 nodes per rack cannot be reached by doubling 2" in action.reason


def test_a_formed_rings_lost_claim_is_not_taken_for_a_free_slot() -> None:
    action = decide(newcomer("a", table=table(only(*(name for name in SLOTS if name != "a1")))))
    assert isinstance(action, Refuse)
    assert "has no claim on record" in action.reason


def all_but(name: str) -> dict[str, Claim]:
    """Every other node sees `name` down."""
    return {one: claim(one, down=(f"h-{name}",)) for one in SLOTS if one != name}


def gone(name: str, **changed: Claim) -> Observed:
    """EC2 says that `name` is terminated, and its peers see it down, but for `changed`."""
    votes = all_but(name) | changed
    return newcomer(name[0], table=table(claims(votes)), terminated=frozenset({f"i-{name}"}))


def test_a_holder_that_is_gone_is_succeeded_under_the_next_epoch() -> None:
    action = decide(gone("a1"))
    assert isinstance(action, TakeSlot)
    assert action.slot == slot("a1")
    assert action.claim == Claim(
        instance="i-a9",
        address="10.a9",
        epoch=2,
        incarnation="one",
        phase=Phase.REPLACING,
        renewed=NOW,
        predecessor_address="10.a1",
        predecessor_host_id="h-a1",
    )


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (replace(gone("a1"), terminated=None), "EC2 cannot be asked"),
        (replace(gone("a1"), terminated=frozenset()), "i-a1 is not terminated"),
        (gone("a1", **{n: claim(n) for n in MOST}), "2 of 5 nodes see i-a1 down"),
        (
            gone("a1", **{n: claim(n, down=("h-a1",), renewed=NOW - 61) for n in MOST}),
            "2 of 5 nodes see i-a1 down",
        ),
    ],
    ids=["EC2 silent", "EC2 says it runs", "only some see it down", "old words do not count"],
)
def test_a_holder_that_may_live_is_left_alone(seen: Observed, why: str) -> None:
    action = decide(seen)
    assert isinstance(action, Wait)
    assert why in action.reason


def test_a_whole_rack_can_be_succeeded_by_the_votes_of_the_others() -> None:
    votes = {n: claim(n, down=("h-a0", "h-a1")) for n in ("b0", "b1", "c0", "c1")}
    seen = newcomer("a", table=table(claims(votes)), terminated=frozenset({"i-a0", "i-a1"}))
    action = decide(seen)
    assert isinstance(action, TakeSlot)
    assert action.slot in {slot("a0"), slot("a1")}


def test_a_successor_that_never_joined_hands_on_whom_it_replaces() -> None:
    half = claim(
        "a1", epoch=2, phase=Phase.REPLACING, host_id="", predecessor_address="10.old",
        predecessor_host_id="h-old",
    )  # fmt: skip
    seen = newcomer("a", table=table(claims({"a1": half})), terminated=frozenset({"i-a1"}))
    action = decide(seen)
    assert isinstance(action, TakeSlot)
    assert (action.claim.epoch, action.claim.phase) == (3, Phase.REPLACING)
    assert (action.claim.predecessor_address, action.claim.predecessor_host_id) == (
        "10.old",
        "h-old",
    )


def test_a_disk_of_an_earlier_holder_never_starts_again() -> None:
    seen = stopped("a1", table=table(claims({"a1": claim("a1", instance="i-other", epoch=2)})))
    action = decide(seen)
    assert isinstance(action, Refuse)
    assert "i-other under epoch 2 holds now: it never starts again" in action.reason


def test_a_node_whose_slot_was_taken_over_is_stopped() -> None:
    seen = member("a1", table=table(claims({"a1": claim("a1", instance="i-other", epoch=2)})))
    assert isinstance(decide(seen), Stop)


def test_a_foreign_zone_is_refused() -> None:
    seen = newcomer("z", group=Group(name="rack-z", nodes=2, instances={}))
    assert "z is no rack of this ring" in decide(seen).reason


def test_without_the_table_nothing_starts_and_nothing_stops() -> None:
    assert isinstance(decide(member("a0", table=None)), Wait)
    assert isinstance(decide(stopped("a0", table=None)), Wait)
    assert isinstance(decide(replace(newcomer(table=None), disk=disk("a0"))), Wait)
