"""What holders say in their claims, and how soon an agent looks again."""

import pytest

from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.pace import LEAST_SECONDS, PROMPT_SECONDS
from paved_road_ring_agent.perform import Performer
from tests.agent.world import World


def test_whom_a_node_sees_down_is_told_at_once_and_not_with_the_next_renewal(world: World) -> None:
    world.tick()
    lost = next(one for one in world.machines.values() if one.rack == "c")
    assert lost.database
    world.terminate(lost.instance)
    world.tick()
    others = [one for one in world.claims().values() if one.instance != lost.instance]
    assert [one.down for one in others] == 2 * [(lost.database.host_id,)]


def test_a_step_forward_is_followed_at_once(unborn: World) -> None:
    unborn.tick()
    assert _pauses(unborn) == {PROMPT_SECONDS}


def test_a_settled_ring_takes_its_time(world: World) -> None:
    world.tick()
    assert _pauses(world) == {LEAST_SECONDS}


def test_a_step_that_failed_is_taken_again_after_a_whole_pause(
    unborn: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise NodeSilentError("nothing answers")

    monkeypatch.setattr(Performer, "perform", fails)
    unborn.tick()
    assert _pauses(unborn) == {LEAST_SECONDS}


def _pauses(world: World) -> set[float]:
    return {one.agent.pause for one in world.machines.values() if one.agent}
