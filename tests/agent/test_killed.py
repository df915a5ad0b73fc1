"""An agent that is killed after any of its steps, or whose machine loses power there.

Every run is the same story, but for one kill; it must end as it does without. The steps are
enumerated from the run without a kill: each write to the table, each call that changes something in
AWS or Cassandra, and each file that was written whole.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from paved_road_ring_agent import supervisor as supervising
from tests.agent.edges import Edges
from tests.agent.restored import begin, begin_from_elsewhere, destroy
from tests.agent.stand_ins import FakeProcess
from tests.agent.world import Machine, World

Story = Callable[[World, Edges], None]


def forming(world: World, edges: Edges) -> None:
    """A founder is killed."""
    watch(first(world, "a"), edges)
    world.until(lambda: world.settled(1))


def replacing(world: World, edges: Edges) -> None:
    """The replacement is the one that is killed."""
    world.until(lambda: world.settled(1))
    lost = first(world, "c")
    world.terminate(lost.instance)
    world.until(lambda: any(m.rack == "c" and m.running for m in world.machines.values()))
    newest(world, "c").edges = edges
    world.until(lambda: world.settled(1))


def helping(world: World, edges: Edges) -> None:
    """A survivor that repairs for a replacement, and has its group launch it, is killed."""
    world.until(lambda: world.settled(1))
    watch(first(world, "a"), edges)
    world.terminate(first(world, "c").instance)
    world.until(lambda: world.settled(1))


def growing(world: World, edges: Edges) -> None:
    """One of three newcomers is killed."""
    world.until(lambda: world.settled(1))
    grow(world)
    newest(world, "b").edges = edges
    world.until(lambda: world.settled(2) and cleaned(world))


def cleaning(world: World, edges: Edges) -> None:
    """One of the old nodes is killed while its rack grows."""
    world.until(lambda: world.settled(1))
    watch(first(world, "b"), edges)
    grow(world)
    world.until(lambda: world.settled(2) and cleaned(world))


def draining(world: World, edges: Edges) -> None:
    """A node that its group ends is killed while it drains; another takes its slot."""
    world.until(lambda: world.settled(1))
    leaving = first(world, "b")
    watch(leaving, edges)
    world.end_in_group(leaving.instance)
    world.until(lambda: leaving.lifecycle == "gone")
    world.until(lambda: world.settled(1))


def restoring(world: World, edges: Edges) -> None:
    """A founder of a ring that comes back from its backup is killed."""
    world.until(lambda: world.settled(1))
    destroy(world)
    begin(world)
    watch(first(world, "a"), edges)
    world.until(lambda: world.settled(1))
    assert all(claim.repaired for claim in world.claims().values())


def moving(world: World, edges: Edges) -> None:
    """The one is killed that moves keyspaces of another data center's backup here."""
    world.until(lambda: world.settled(1))
    destroy(world)
    begin_from_elsewhere(world)
    watch(first(world, "a"), edges)
    world.until(lambda: world.settled(1))
    assert all(claim.repaired for claim in world.claims().values())


STORIES: list[Story] = [
    forming,
    replacing,
    helping,
    growing,
    cleaning,
    draining,
    restoring,
    moving,
]


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("reboots", [False, True], ids=["kill -9", "power cut"])
def test_a_kill_after_any_step_changes_nothing_about_the_end(
    story: Story, reboots: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    undisturbed, expected = tell(story, tmp_path / "0", monkeypatch, 0, reboots)
    assert undisturbed.count > 3
    for number in range(1, undisturbed.count + 1):
        edges, found = tell(story, tmp_path / str(number), monkeypatch, number, reboots)
        where = edges.names[number - 1] if number <= len(edges.names) else "never reached"
        assert found == expected, f"killed after step {number}, {where}"


def tell(
    story: Story, folder: Path, monkeypatch: pytest.MonkeyPatch, kill_at: int, reboots: bool
) -> tuple[Edges, object]:
    """One run; who is killed is started anew, on the same disk."""
    folder.mkdir()
    world = World(folder, per_rack=1)
    edges = Edges(kill_at=kill_at)
    monkeypatch.setattr(supervising, "start", world.start)
    monkeypatch.setattr(supervising, "Process", lambda pid, _: FakeProcess(world, pid))
    monkeypatch.setattr(os, "fsync", lambda _: written(world))
    if reboots:
        cut = world._act

        def act(machine: Machine) -> None:
            before = machine.edges.count
            cut(machine)
            if machine.edges.kill_at and before < machine.edges.kill_at <= machine.edges.count:
                world.reboot(machine)

        monkeypatch.setattr(world, "_act", act)
    story(world, edges)
    return edges, outcome(world)


def outcome(world: World) -> dict[str, tuple[int, str, int]]:
    """What must be the same however often somebody was killed: by slot, epoch, phase, cleaned."""
    return {
        slot.subject: (claim.epoch, str(claim.phase), claim.cleaned)
        for slot, claim in sorted(world.claims().items())
    }


def written(world: World) -> None:
    """A file is on disk, but has not its name yet."""
    if world.acting:
        world.acting.edges.passed("fsync")


def first(world: World, rack: str) -> Machine:
    return next(m for m in world.machines.values() if m.rack == rack and m.running)


def newest(world: World, rack: str) -> Machine:
    return [m for m in world.machines.values() if m.rack == rack and m.running][-1]


def watch(machine: Machine, edges: Edges) -> None:
    """Count and kill from now on: its agent is started anew under these edges."""
    machine.edges, machine.agent = edges, None


def grow(world: World) -> None:
    for rack in world.sizes:
        world.sizes[rack] *= 2
    world.launch()


def cleaned(world: World) -> bool:
    return all(c.cleaned == 2 for slot, c in world.claims().items() if slot.index == 0)
