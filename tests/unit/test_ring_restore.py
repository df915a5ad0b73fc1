"""Whether a ring may be restored over what is there, and what it would become."""

from dataclasses import replace
from typing import Any

import pytest

from paved_road_ring.restore import Seen, birth_from
from paved_road_ring_agent.facts import Phase, Slot
from paved_road_ring_backup.restore import RestoreRefusedError, restore_plan
from tests.agent.scenes import BIRTH, DC, NOW, RACKS, SLOTS, claim, claims
from tests.backup.whole import NODES, TARGET, contents, whole

KEY = whole(NODES).key
LATER = NOW + 61


def group(rack: str, lifecycle: str = "InService", *, kind: str = "i8g.2xlarge") -> dict[str, Any]:
    return {
        "AutoScalingGroupName": f"rack-{rack}",
        "DesiredCapacity": 2,
        "MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": [{"InstanceType": kind}]}},
        "Instances": [
            {"InstanceId": f"i-{rack}{index}", "LifecycleState": lifecycle} for index in range(2)
        ],
    }


GONE = Seen(
    ring="orders",
    data_center=DC,
    birth=BIRTH,
    claims=claims(),
    states={f"i-{name}": "terminated" for name in SLOTS},
    groups={rack: group(rack) for rack in RACKS},
    wanted="5.0.9-0123456789ab",
    now=LATER,
)


def with_state(name: str, state: str) -> Seen:
    return replace(GONE, states={**GONE.states, f"i-{name}": state})


def test_a_ring_whose_instances_are_all_terminated_does_not_live_and_all_are_replaced() -> None:
    assert GONE.living() == []
    assert GONE.lost() == sorted(f"i-{name}" for name in SLOTS)


def test_what_its_group_ends_already_or_has_just_launched_is_not_ended_again() -> None:
    groups = {**GONE.groups, "a": group("a", "Terminating:Wait"), "b": group("b", "Pending")}
    found = replace(GONE, groups=groups, states={"i-a0": "terminated", "i-c0": "terminated"})
    assert found.lost() == ["i-c0", "i-c1"]


@pytest.mark.parametrize("state", ["running", "stopped", "stopping", "shutting-down", "pending"])
def test_an_instance_in_service_that_is_not_terminated_may_live(state: str) -> None:
    assert with_state("b1", state).living() == ["i-b1"]
    assert "i-b1" not in with_state("b1", state).lost()
    lost_table = replace(with_state("b1", state), birth=None, claims={})
    assert lost_table.living() == ["i-b1"]


def test_a_holder_that_renews_its_claim_lives_whatever_ec2_says() -> None:
    changed = {**claims(), **_held("c0", renewed=LATER - 5)}
    assert replace(GONE, claims=changed).living() == ["i-c0"]


def test_what_ec2_does_not_list_is_gone_once_it_was_silent_for_as_long_as_ec2_remembers() -> None:
    unknown = replace(GONE, states={})
    assert len(unknown.living()) == 6
    assert replace(unknown, now=NOW + 3_601).living() == []
    assert len(unknown.lost()) == 6


@pytest.mark.parametrize(
    ("phase", "lives"),
    [
        (None, False),
        (Phase.FILLING, False),
        (Phase.FILLED, False),
        (Phase.FORMING, True),
        (Phase.REPLACING, True),
        (Phase.JOINED, True),
    ],
)
def test_an_instance_that_waits_to_be_filled_is_in_nobodys_way(
    phase: Phase | None, lives: bool
) -> None:
    held = {} if phase is None else _held("a0", phase=phase)
    seen = replace(
        with_state("a0", "running"),
        claims=held,
        groups={**GONE.groups, "a": group("a", "Pending:Wait")},
    )
    assert ("i-a0" in seen.living()) is lives
    assert "i-a0" not in seen.lost()


def test_the_same_restore_is_known_until_clients_are_let_in() -> None:
    begun = replace(BIRTH, formed=False, origin=KEY, incarnation="two")
    assert replace(GONE, birth=begun).comes_back_from(KEY, "")
    assert not replace(GONE, birth=begun).comes_back_from(KEY, "copies")
    assert not replace(GONE, birth=replace(begun, formed=True)).comes_back_from(KEY, "")
    assert not GONE.comes_back_from(KEY, "")
    assert not replace(GONE, birth=None).comes_back_from("", "")


def test_the_target_is_the_ring_as_it_is_deployed() -> None:
    target = GONE.target(["i-a0"])
    assert (target.racks, target.nodes_per_rack, target.cassandra) == (RACKS, 2, "5.0.9")
    assert target.living == ["i-a0"]
    assert target.bits_per_second == 4.688e9
    assert target.disk_bytes == 1_875 * 10**9


@pytest.mark.parametrize(
    "groups",
    [
        {},
        {**GONE.groups, "a": {**group("a"), "DesiredCapacity": 4}},
        {rack: group(rack, kind="m7g.large") for rack in RACKS},
    ],
    ids=["no group", "sizes differ", "a type without disks"],
)
def test_racks_that_no_restore_can_be_planned_for_are_refused(groups: dict[str, Any]) -> None:
    with pytest.raises(RestoreRefusedError, match="one size and one known type"):
        replace(GONE, groups=groups).target([])


def test_the_new_birth_has_the_backups_tokens_and_another_incarnation() -> None:
    target = replace(TARGET, nodes_per_rack=4)
    plan = restore_plan(whole(NODES), contents(NODES), target)
    birth = birth_from(plan.manifest, target, "two", "")
    assert (birth.incarnation, birth.origin, birth.formed) == ("two", KEY, False)
    assert birth.slots(DC) == list(plan.fills)
    for slot in BIRTH.slots(DC):
        assert birth.token(slot) == BIRTH.token(slot)


def test_in_another_data_center_it_has_the_backups_tokens_in_racks_of_its_own() -> None:
    target = replace(TARGET, data_center="us-west-2-g1", racks=("x", "y", "z"), came_from=DC)
    plan = restore_plan(whole(NODES), contents(NODES), target)
    birth = birth_from(plan.manifest, target, "two", "copies")
    assert (birth.came_from, birth.misplaced, birth.racks) == (DC, True, ("x", "y", "z"))
    slots = birth.slots("us-west-2-g1")
    assert slots == list(plan.fills)
    for slot in slots:
        assert birth.token(slot) == BIRTH.token(plan.fills[slot].source)


def _held(name: str, **changed: Any) -> dict[Slot, Any]:
    (slot,) = (one for one in claims() if claims()[one].instance == f"i-{name}")
    return {slot: claim(name, **changed)}
