"""When a target becomes healthy, and when it stops being so."""

from hypothesis import given
from hypothesis import strategies as st

from paved_road_lab.balancers.health import Health, State, after, fault_of
from paved_road_lab.balancers.model import Check

CHECK = Check(healthy_after=3, unhealthy_after=2)


def seen(*faults: str) -> State:
    health = Health()
    for fault in faults:
        health = after(health, CHECK, fault=fault)
    return health.state


def test_a_new_target_needs_one_check() -> None:
    assert seen() is State.INITIAL
    assert seen("") is State.HEALTHY
    assert seen("down", "") is State.HEALTHY


def test_changes_need_as_many_in_a_row_as_the_group_says() -> None:
    assert seen("", "down") is State.HEALTHY
    assert seen("", "down", "", "down") is State.HEALTHY
    assert seen("", "down", "down") is State.UNHEALTHY
    assert seen("down", "down", "", "", "down") is State.UNHEALTHY
    assert seen("down", "down", "", "", "") is State.HEALTHY


@given(st.lists(st.booleans()), st.integers(1, 5), st.integers(1, 5))
def test_the_state_is_what_the_last_long_enough_row_said(
    passed: list[bool], healthy_after: int, unhealthy_after: int
) -> None:
    check = Check(healthy_after=healthy_after, unhealthy_after=unhealthy_after)
    health = Health()
    for one in passed:
        before = health.state
        health = after(health, check, fault="" if one else "down")
        if health.state is not before:
            assert health.state is (State.HEALTHY if one else State.UNHEALTHY)
            needed = healthy_after if one else unhealthy_after
            assert health.row >= needed or before is State.INITIAL
        assert bool(health.why) is not one


def test_a_group_says_which_statuses_are_healthy() -> None:
    check = Check(statuses=((200, 204), (302, 302)))
    assert [fault_of(check, status) for status in (200, 203, 302)] == ["", "", ""]
    assert fault_of(check, 404) == "Health checks failed with these codes: [404]"
