"""A repair that goes on while the agent's rounds go on, in a Cassandra that tells how it stands."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from paved_road_ring_agent.actions import RunRepair
from paved_road_ring_agent.facts import Repair
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.repair import Task
from paved_road_ring_agent.repairing import Job, RepairFailedError, take_step, take_steps
from tests.agent.scenes import slot

ACTION = RunRepair(
    replaced=slot("a1"),
    repair=Repair(epoch=2),
    number=1,
    task=Task(start=0, end=9, slots=(slot("b0"), slot("c0"))),
    hosts=("10.b0", "10.c0"),
    reason="",
)


@dataclass
class Node:
    """Repairs two keyspaces; the third has nothing to repair."""

    states: dict[int, str] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)

    def keyspaces(self) -> list[str]:
        return ["auth", "empty", "shop"]

    def begin_repair(self, keyspace: str, start: int, end: int, hosts: tuple[str, ...]) -> int:
        assert (start, end, hosts) == (0, 9, ("10.b0", "10.c0"))
        self.begun.append(keyspace)
        if keyspace == "empty":
            return 0
        number = len(self.states) + 1
        self.states[number] = "IN_PROGRESS"
        return number

    def begin_own_repair(self, keyspace: str) -> int:
        self.begun.append(f"own {keyspace}")
        return 0

    def repair_state(self, number: int) -> tuple[str, str]:
        return self.states[number], "its last word"


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(root=tmp_path, bundle=tmp_path)


def test_each_step_returns_at_once_and_the_last_one_says_so(layout: Layout) -> None:
    node = Node()
    assert not take_step(Job.for_replacement(ACTION, node), node, layout, "p")
    assert not take_step(Job.for_replacement(ACTION, node), node, layout, "p")
    assert node.begun == ["auth"]
    node.states[1] = "COMPLETED"
    assert not take_step(Job.for_replacement(ACTION, node), node, layout, "p")
    assert node.begun == ["auth", "empty", "shop"]
    node.states[2] = "COMPLETED"
    assert take_step(Job.for_replacement(ACTION, node), node, layout, "p")
    assert node.begun == ["auth", "empty", "shop"]


def test_another_cassandra_begins_anew_and_so_does_another_task(layout: Layout) -> None:
    node = Node()
    take_step(Job.for_replacement(ACTION, node), node, layout, "p")
    take_step(Job.for_replacement(ACTION, node), node, layout, "after a restart")
    assert node.begun == ["auth", "auth"]


def test_a_repair_that_failed_is_said_and_begun_again(layout: Layout) -> None:
    node = Node()
    take_step(Job.for_replacement(ACTION, node), node, layout, "p")
    node.states[1] = "FAILED"
    with pytest.raises(RepairFailedError, match="repair of auth failed: its last word"):
        take_step(Job.for_replacement(ACTION, node), node, layout, "p")
    assert not take_step(Job.for_replacement(ACTION, node), node, layout, "p")
    assert node.begun == ["auth", "auth"]


class Quick(Node):
    """Its repairs have ended when they are first looked at."""

    def repair_state(self, number: int) -> tuple[str, str]:
        self.states[number] = "COMPLETED"
        return super().repair_state(number)


def test_repairs_that_end_at_once_wait_for_no_further_round(layout: Layout) -> None:
    node = Quick()
    assert take_steps(Job.for_replacement(ACTION, node), node, layout, "p", seconds=30)


def test_a_repair_that_goes_on_holds_a_round_up_for_a_moment_only(layout: Layout) -> None:
    node = Node()
    assert not take_steps(Job.for_replacement(ACTION, node), node, layout, "p", seconds=0.3)
    assert node.begun == ["auth"]
