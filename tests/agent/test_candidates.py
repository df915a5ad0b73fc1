"""Several instances for one slot: a replacement and one that its group launched beside it."""

import pytest

from paved_road_ring_agent.actions import Wait
from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.layout import Layout
from tests.agent.slots import Slots
from tests.agent.world import Machine, World


def test_one_of_two_candidates_takes_the_slot_and_the_other_never_starts(world: World) -> None:
    lost = next(one for one in world.machines.values() if one.rack == "c")
    world.terminate(lost.instance)
    candidates = [beside(world, "c", number) for number in (101, 102)]
    world.until(lambda: world.settled(1))
    (slot,) = (slot for slot in world.claims() if slot.rack == "c")
    claim = world.claims()[slot]
    assert claim.epoch == 2
    holders = [one for one in candidates if one.instance == claim.instance]
    others = [one for one in world.machines.values() if one.rack == "c" and one not in holders]
    assert len(holders) == 1
    for one in others:
        assert one.database is None or one is lost
        if one.agent:
            assert isinstance(one.agent.last, Wait)


def test_the_next_candidate_takes_over_from_one_that_is_lost_before_it_joined(
    world: World,
) -> None:
    lost = next(one for one in world.machines.values() if one.rack == "c")
    world.terminate(lost.instance)
    world.until(lambda: any(claim.epoch == 2 for claim in world.claims().values()))
    (first,) = (claim for claim in world.claims().values() if claim.epoch == 2)
    world.terminate(first.instance)
    world.until(lambda: world.settled(1))
    (last,) = (claim for slot, claim in world.claims().items() if slot.rack == "c")
    assert last.epoch == 3
    assert last.predecessor_address == lost.address


def test_a_founder_that_is_lost_before_anybody_saw_it_is_replaced(unborn: World) -> None:
    """No gossip ever names it, and nobody but its peers' agents has the group launch another."""
    unborn.until(lambda: len(unborn.claims()) == 3)
    lost = next(one for one in unborn.machines.values() if one.rack == "c")
    unborn.terminate(lost.instance)
    unborn.until(lambda: unborn.settled(1))
    assert {slot.rack: claim.epoch for slot, claim in unborn.claims().items()} == {
        "a": 1,
        "b": 1,
        "c": 2,
    }


@pytest.mark.parametrize("rack", ["a", "c"], ids=["who prepares the ring", "another"])
def test_a_founder_that_is_lost_once_it_has_joined_is_replaced(unborn: World, rack: str) -> None:
    """Before the ring is open, nobody but its peers' agents has the group launch another."""
    unborn.until(lambda: all_joined(unborn))
    birth = Slots(unborn.items).birth()
    assert birth
    assert not birth.formed
    lost = next(one for one in unborn.machines.values() if one.rack == rack)
    unborn.terminate(lost.instance)
    unborn.until(lambda: unborn.settled(1))
    assert {slot.rack for slot, claim in unborn.claims().items() if claim.epoch == 2} == {rack}


def all_joined(world: World) -> bool:
    claims = world.claims().values()
    return len(claims) == 3 and all(claim.phase is Phase.JOINED for claim in claims)


def beside(world: World, rack: str, number: int) -> Machine:
    """An instance that stands beside what the group counts."""
    instance = f"i-{rack}{number}"
    made = Machine(
        instance=instance,
        address=f"10.0.0.{number}",
        rack=rack,
        layout=Layout(root=world.root / instance, bundle=world.bundle),
    )
    world.machines[instance] = made
    return made
