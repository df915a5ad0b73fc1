"""Whole rings that come back from their backup, over real agents, supervisors and disks."""

from pathlib import Path

import pytest

from paved_road_ring_agent import supervisor as supervising
from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.leases import LEASE_SECONDS
from tests.agent.restored import begin, destroy
from tests.agent.slots import Slots
from tests.agent.stand_ins import FakeProcess
from tests.agent.world import World

OTHER = "rings/orders/us-east-1-g1/one/sets/20251125T120000Z.json"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A ring of three that was formed and destroyed."""
    made = World(tmp_path, per_rack=1)
    monkeypatch.setattr(supervising, "start", made.start)
    monkeypatch.setattr(supervising, "Process", lambda pid, _: FakeProcess(made, pid))
    made.until(lambda: made.settled(1))
    destroy(made)
    return made


def epochs(world: World) -> set[int]:
    return {claim.epoch for claim in world.claims().values()}


def test_old_claims_stand_in_nobodys_way_and_are_succeeded(world: World) -> None:
    birth = begin(world)
    assert world.claims() == {}
    world.until(lambda: world.settled(1))
    assert epochs(world) == {2}
    assert {one.incarnation for one in world.claims().values()} == {birth.incarnation}
    assert len(world.repaired) == 3


def test_leases_of_the_life_before_hold_nothing_up(world: World) -> None:
    began = world.clock()
    begin(world)
    world.until(lambda: world.settled(1))
    assert world.clock() - began < LEASE_SECONDS


def test_a_table_that_was_lost_too_is_no_matter(world: World) -> None:
    world.items.clear()
    begin(world)
    world.until(lambda: world.settled(1))
    assert epochs(world) == {1}


def test_nobody_starts_while_one_backup_is_bad_and_another_may_be_chosen(world: World) -> None:
    databases = len(world.databases)
    world.backups.fault = "object aa is corrupt"
    begin(world)
    world.until(lambda: {c.fault for c in world.claims().values()} == {"object aa is corrupt"})
    for _ in range(50):
        world.tick()
    assert {claim.phase for claim in world.claims().values()} == {Phase.FILLING}
    assert len(world.databases) == databases
    world.backups.fault = ""
    begin(world, OTHER)
    world.until(lambda: world.settled(1))
    assert epochs(world) == {3}
    assert {one.fault for one in world.claims().values()} == {""}
    for claim in world.claims().values():
        found = world.machines[claim.instance].layout.disk_facts()
        assert found
        assert found.has_data


def test_a_bad_object_that_is_put_back_is_tried_again(world: World) -> None:
    world.backups.fault = "object aa is corrupt"
    begin(world)
    world.until(lambda: len([c for c in world.claims().values() if c.fault]) == 3)
    world.backups.fault = ""
    world.until(lambda: world.settled(1))
    assert epochs(world) == {2}


def test_an_instance_that_is_lost_while_others_are_filled_is_replaced(world: World) -> None:
    world.backups.fault = "object aa is corrupt"
    begin(world)
    world.until(lambda: len(world.claims()) == 3)
    lost, claim = next(iter(world.claims().items()))
    world.terminate(claim.instance)
    world.backups.fault = ""
    world.until(lambda: world.settled(1))
    assert world.claims()[lost].epoch == 3


def test_a_ring_that_had_doubled_comes_back_at_its_size_and_cleans_up(world: World) -> None:
    world.sizes = dict.fromkeys(world.sizes, 2)
    begin(world, per_rack=2)
    world.until(lambda: world.settled(2))
    birth = Slots(world.items).birth()
    assert birth
    assert (birth.base, birth.founding) == (1, 2)
    world.until(lambda: {c.cleaned for c in world.claims().values()} == {2})


def test_a_restored_ring_grows_and_replaces_as_any_other(world: World) -> None:
    begin(world)
    world.until(lambda: world.settled(1))
    world.sizes = dict.fromkeys(world.sizes, 2)
    world.launch()
    world.until(lambda: world.settled(2))
    world.terminate(next(iter(world.claims().values())).instance)
    world.until(lambda: not world.settled(2))
    world.until(lambda: world.settled(2))
