"""What the delivery tool decides about a release, from what it observed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_delivery.decide import Action, Observed, decide, different

WANTED = {"Resources": {"Group": {"Type": "G"}}}


def observed(**given: Any) -> Observed:
    return Observed(
        **{
            "release": "place-order-v042",
            "number": 42,
            "wanted": WANTED,
            "minimum": 3,
            "maximum": 60,
            **given,
        }
    )


def test_the_first_release_is_created_and_adopted() -> None:
    plan = decide(observed())
    assert (plan.action, plan.floor, plan.priority, plan.adopt) == (Action.CREATE, 3, 958, True)


@given(live=st.integers(0, 60), minimum=st.integers(1, 60))
def test_a_release_starts_as_large_as_what_it_may_replace(live: int, minimum: int) -> None:
    plan = decide(observed(in_service=("tg",), live_capacity=live, minimum=minimum))
    assert plan.action is Action.CREATE
    assert plan.floor == max(live, minimum)
    assert not plan.adopt


def test_a_release_that_cannot_be_as_large_is_refused() -> None:
    plan = decide(observed(in_service=("tg",), live_capacity=61))
    assert plan.action is Action.REFUSE
    assert "60 instances at most" in plan.why
    assert "have 61" in plan.why


def test_a_taken_priority_is_refused() -> None:
    assert decide(observed(priorities=frozenset({958}))).action is Action.REFUSE


def test_the_same_release_is_kept() -> None:
    plan = decide(observed(status="CREATE_COMPLETE", standing=WANTED, in_service=("tg",)))
    assert (plan.action, plan.adopt) == (Action.KEEP, False)


def test_a_release_whose_adoption_was_interrupted_is_adopted() -> None:
    plan = decide(observed(status="CREATE_COMPLETE", standing=WANTED))
    assert (plan.action, plan.adopt) == (Action.KEEP, True)


def test_a_different_template_under_the_same_number_is_refused_by_name() -> None:
    other = {"Resources": {"Group": {"Type": "G", "x": 1}}, "Outputs": {"New": {}}}
    plan = decide(observed(status="CREATE_COMPLETE", standing=other))
    assert plan.action is Action.REFUSE
    assert "different: Outputs, Resources.Group" in plan.why


def test_an_adoption_that_was_written_but_not_moved_goes_on() -> None:
    stands = {"status": "CREATE_COMPLETE", "standing": WANTED, "target_group": "mine"}
    assert decide(observed(**stands, in_service=("mine",), settled=False)).adopt
    assert not decide(observed(**stands, in_service=("mine",))).adopt
    assert not decide(observed(**stands, in_service=("mine", "other"), settled=False)).adopt


def test_a_retired_number_is_not_used_again() -> None:
    plan = decide(observed(retired=True))
    assert plan.action is Action.REFUSE
    assert "numbers are never reused" in plan.why


def test_a_creation_under_way_is_waited_for() -> None:
    plan = decide(observed(status="CREATE_IN_PROGRESS"))
    assert plan.action is Action.REFUSE
    assert "wait until that is done" in plan.why


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_COMPLETE", "DELETE_FAILED"])
def test_any_other_state_is_refused(status: str) -> None:
    plan = decide(observed(status=status, standing=WANTED))
    assert plan.action is Action.REFUSE
    assert status in plan.why


templates = st.dictionaries(
    st.sampled_from(["Resources", "Outputs"]),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 2)),
)


@given(templates, templates)
def test_templates_differ_exactly_where_they_are_not_equal(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert bool(different(one, other)) == (one != other)
    assert different(one, other) == different(other, one)
