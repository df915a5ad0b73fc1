"""What a restore downloads, for how long, and everything that it refuses."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.facts import Birth, Slot
from paved_road_ring_agent.tokens import SPAN
from paved_road_ring_backup.parents import parent
from paved_road_ring_backup.restore import RestoreRefusedError, restore_plan
from tests.agent.scenes import DC, SLOTS, slot
from tests.backup.stories import manifest, run
from tests.backup.whole import NODES, TARGET, contents, whole


def test_every_slot_pulls_its_own_files_at_once() -> None:
    large = manifest(run("b0"), "rows of b0", "more")
    nodes = NODES | {slot("b0"): large}
    plan = restore_plan(whole(nodes), contents(nodes), TARGET)
    assert {one: fill.source for one, fill in plan.fills.items()} == {
        slot(name): slot(name) for name in SLOTS
    }
    assert plan.fills[slot("b0")].files == large.files
    assert plan.size == 700
    # The largest slot has 200 bytes, on a network of 400 bits a second.
    assert plan.seconds == 4


def test_a_ring_that_doubled_since_restores_each_slot_from_its_parents_part() -> None:
    plan = restore_plan(whole(NODES), contents(NODES), replace(TARGET, nodes_per_rack=8))
    assert len(plan.fills) == 24
    for one, fill in plan.fills.items():
        assert fill.source.rack == one.rack
        assert fill.files == NODES[fill.source].files
    assert {fill.source for fill in plan.fills.values()} == set(NODES)


def test_another_data_centers_slots_pull_from_those_at_their_own_tokens() -> None:
    racks = {"x": "a", "y": "b", "z": "c"}
    target = replace(TARGET, data_center="us-west-2-g1", racks=tuple(racks), came_from=DC)
    plan = restore_plan(whole(NODES), contents(NODES), target)
    assert len(plan.fills) == 6
    for one, fill in plan.fills.items():
        assert one.data_center == "us-west-2-g1"
        assert fill.source == slot(f"{racks[one.rack]}{one.index}")
    grown = restore_plan(whole(NODES), contents(NODES), replace(target, nodes_per_rack=4))
    assert {racks[one.rack] == fill.source.rack for one, fill in grown.fills.items()} == {True}


@given(st.sampled_from([1, 3, 5]), st.integers(1, 6), st.integers(1, 3), st.integers(0, 2**64 - 1))
def test_a_parent_held_in_its_rack_whatever_the_child_holds(
    racks: int, base: int, doublings: int, key: int
) -> None:
    """Any row: who of the rack holds it after growth has, as parent, who held it before."""
    birth = Birth(incarnation="one", racks=tuple("abcde"[:racks]), base=base)
    small, rack = base, "a"

    def holder(size: int) -> Slot:
        slots = [Slot(data_center=DC, rack=rack, index=index) for index in range(size)]
        return min(slots, key=lambda one: (birth.token(one) - key) % SPAN)

    after = holder(base << doublings)
    assert parent(birth, after, small) == holder(small)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ring": "payments"}, r"of ring orders in us-east-1-g1, not of ring payments"),
        ({"data_center": "us-east-1-g2"}, r"not of ring orders in us-east-1-g2"),
        ({"living": {"i-9", "i-7"}}, r"the ring lives: 2 .* the first is i-7"),
        ({"nodes_per_rack": 3}, r"has 2 nodes per rack and the ring 3: deploy the ring with 2"),
        ({"nodes_per_rack": 1}, r"has 2 nodes per rack and the ring 1"),
        ({"racks": ("a", "b", "d")}, r"has racks a, b, c and the ring a, b, d"),
        ({"came_from": "us-west-2-g1"}, r"in us-east-1-g1, not of ring orders in us-west-2-g1"),
        (
            {"data_center": "us-west-2-g1", "came_from": DC, "racks": ("x",)},
            r"has racks a, b, c and the ring x",
        ),
        ({"cassandra": "5.0.8"}, r"written by Cassandra 5\.0\.9 and the nodes run 5\.0\.8"),
        ({"disk_bytes": 150}, r"slot#us-east-1-g1#a#0000 would fill 67% of its disk"),
    ],
)
def test_a_ring_that_the_backup_is_not_for_is_refused(
    change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RestoreRefusedError, match=sentence):
        restore_plan(whole(NODES), contents(NODES), replace(TARGET, **change))


def test_a_newer_cassandra_reads_what_an_older_one_wrote() -> None:
    newer = replace(TARGET, cassandra="5.0.10")
    assert restore_plan(whole(NODES), contents(NODES), newer).size == 600


def test_a_slot_that_is_missing_is_named() -> None:
    full = whole(NODES)
    holed = replace(full, parts=tuple(one for one in full.parts if one.run.slot != slot("c1")))
    with pytest.raises(RestoreRefusedError, match=r"lacks 1 slots, the first is slot#.*#c#0001"):
        restore_plan(holed, contents(NODES), TARGET)


def test_a_node_manifest_that_is_gone_or_damaged_is_named_with_all_other_reasons() -> None:
    read = contents(NODES)
    del read[run("a0").manifest]
    read[run("b1").manifest] += b" "
    with pytest.raises(RestoreRefusedError) as refused:
        restore_plan(whole(NODES), read, replace(TARGET, living={"i-7"}))
    said = str(refused.value)
    assert f"{run('a0').manifest} is missing" in said
    assert f"{run('b1').manifest} is not what the ring manifest" in said
    assert "the ring lives" in said
