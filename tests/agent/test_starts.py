"""A Cassandra that ends again and again, and who ends one that must not run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_ring_agent.actions import Start, Wait
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.starts import FREE, MOST_SECONDS, WINDOW_SECONDS, pause_after
from paved_road_ring_agent.supervisor import Supervisor
from tests.agent.scenes import NOW, stopped
from tests.agent.world import TICK_SECONDS, World


@pytest.mark.parametrize(
    ("ago", "starts"),
    [
        ((), True),
        ((6, 3), True),
        ((9, 6, 3), False),
        ((17, 14, 11), True),
        ((40, 30, 20, 19), False),
        ((40, 30, 20, 20), True),
        ((WINDOW_SECONDS, 6, 3), True),
        ((3, -3, -6), True),
    ],
)
def test_the_next_start_waits_once_there_were_too_many(
    ago: tuple[float, ...], starts: bool
) -> None:
    seen = stopped("a0", starts=tuple(NOW - one for one in ago))
    assert isinstance(decide(seen), Start if starts else Wait)


@given(st.lists(st.floats(0, WINDOW_SECONDS - 1), max_size=400))
def test_each_start_more_waits_longer_and_none_for_ever(ago: list[float]) -> None:
    starts = sorted(NOW - one for one in ago)
    pause = pause_after(starts, NOW)
    assert pause_after(starts[1:], NOW) <= pause <= MOST_SECONDS
    assert (pause == 0) == (len(starts) < FREE)


def test_a_node_that_ends_again_and_again_is_started_ever_more_rarely(world: World) -> None:
    machine = next(iter(world.machines.values()))
    started: set[float] = set()
    for _ in range(int(600 / TICK_SECONDS)):
        if machine.database and machine.database.alive:
            started.add(machine.database.born * TICK_SECONDS)
            machine.database.alive = False
        world.tick()
    assert len(started) < 10
    world.until(lambda: world.settled(1))


class Failed(Supervisor):
    """A supervisor that systemd has given up."""

    def __init__(self) -> None: ...

    def tick(self) -> None: ...


def test_an_agent_whose_supervisor_has_failed_ends_a_node_that_was_superseded(
    world: World,
) -> None:
    machine = next(iter(world.machines.values()))
    machine.supervisor = Failed()
    (item,) = (item for item in world.items.values() if item.get("instance") == machine.instance)
    item.update(instance="i-successor", epoch=2)
    assert machine.database
    assert machine.database.alive
    world.tick()
    assert not machine.database.alive
