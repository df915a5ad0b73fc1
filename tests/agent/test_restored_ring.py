"""Whole rings that come back from their backup, over real agents, supervisors and disks."""

import pytest

from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.leases import LEASE_SECONDS
from tests.agent.restored import begin, destroy
from tests.agent.slots import Slots
from tests.agent.world import World

OTHER = "rings/orders/us-east-1-g1/one/sets/20251125T120000Z.json"


@pytest.fixture
def gone(world: World) -> World:
    """A ring of three that was formed and destroyed."""
    destroy(world)
    return world


def epochs(world: World) -> set[int]:
    return {claim.epoch for claim in world.claims().values()}


def test_old_claims_stand_in_nobodys_way_and_are_succeeded(gone: World) -> None:
    birth = begin(gone)
    assert gone.claims() == {}
    gone.until(lambda: gone.settled(1))
    assert epochs(gone) == {2}
    assert {one.incarnation for one in gone.claims().values()} == {birth.incarnation}
    assert len(gone.repaired) == 3


def test_leases_of_the_life_before_hold_nothing_up(gone: World) -> None:
    began = gone.clock()
    begin(gone)
    gone.until(lambda: gone.settled(1))
    assert gone.clock() - began < LEASE_SECONDS


def test_a_table_that_was_lost_too_is_no_matter(gone: World) -> None:
    gone.items.clear()
    begin(gone)
    gone.until(lambda: gone.settled(1))
    assert epochs(gone) == {1}


def test_nobody_starts_while_one_backup_is_bad_and_another_may_be_chosen(gone: World) -> None:
    databases = len(gone.databases)
    gone.backups.fault = "object aa is corrupt"
    begin(gone)
    gone.until(lambda: {c.fault for c in gone.claims().values()} == {"object aa is corrupt"})
    for _ in range(50):
        gone.tick()
    assert {claim.phase for claim in gone.claims().values()} == {Phase.FILLING}
    assert len(gone.databases) == databases
    gone.backups.fault = ""
    begin(gone, OTHER)
    gone.until(lambda: gone.settled(1))
    assert epochs(gone) == {3}
    assert {one.fault for one in gone.claims().values()} == {""}
    for claim in gone.claims().values():
        found = gone.machines[claim.instance].layout.disk_facts()
        assert found
        assert found.has_data


@pytest.mark.parametrize("rack", ["a", "c"])
def test_a_founder_that_is_lost_while_all_repair_is_replaced(gone: World, rack: str) -> None:
    begin(gone)
    gone.until(lambda: {claim.phase for claim in gone.claims().values()} == {Phase.JOINED})
    birth = Slots(gone.items).birth()
    assert birth
    assert not birth.formed
    holder = next(claim for slot, claim in gone.claims().items() if slot.rack == rack)
    gone.terminate(holder.instance)
    gone.until(lambda: gone.settled(1))
    assert {slot.rack for slot, claim in gone.claims().items() if claim.epoch == 3} == {rack}


def test_a_bad_object_that_is_put_back_is_tried_again(gone: World) -> None:
    gone.backups.fault = "object aa is corrupt"
    begin(gone)
    gone.until(lambda: len([c for c in gone.claims().values() if c.fault]) == 3)
    gone.backups.fault = ""
    gone.until(lambda: gone.settled(1))
    assert epochs(gone) == {2}


def test_an_instance_that_is_lost_while_others_are_filled_is_replaced(gone: World) -> None:
    gone.backups.fault = "object aa is corrupt"
    begin(gone)
    gone.until(lambda: len(gone.claims()) == 3)
    lost, claim = next(iter(gone.claims().items()))
    gone.terminate(claim.instance)
    gone.backups.fault = ""
    gone.until(lambda: gone.settled(1))
    assert gone.claims()[lost].epoch == 3


def test_a_ring_that_had_doubled_comes_back_at_its_size_and_cleans_up(gone: World) -> None:
    gone.sizes = dict.fromkeys(gone.sizes, 2)
    begin(gone, per_rack=2)
    gone.until(lambda: gone.settled(2))
    birth = Slots(gone.items).birth()
    assert birth
    assert (birth.base, birth.founding) == (1, 2)
    gone.until(lambda: {c.cleaned for c in gone.claims().values()} == {2})


def test_a_restored_ring_grows_and_replaces_as_any_other(gone: World) -> None:
    begin(gone)
    gone.until(lambda: gone.settled(1))
    gone.sizes = dict.fromkeys(gone.sizes, 2)
    gone.launch()
    gone.until(lambda: gone.settled(2))
    gone.terminate(next(iter(gone.claims().values())).instance)
    gone.until(lambda: not gone.settled(2))
    gone.until(lambda: gone.settled(2))
