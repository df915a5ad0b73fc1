"""A simulated ring, for tests that begin when it has formed or before."""

from pathlib import Path

import pytest

from paved_road_ring_agent import supervisor as supervising
from tests.agent.stand_ins import FakeProcess
from tests.agent.world import World


@pytest.fixture
def unborn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """Three machines of a ring that is not formed yet."""
    made = World(tmp_path, per_rack=1)
    monkeypatch.setattr(supervising, "start", made.start)
    monkeypatch.setattr(supervising, "Process", lambda pid, _: FakeProcess(made, pid))
    return made


@pytest.fixture
def world(unborn: World) -> World:
    """A ring of three that has formed."""
    unborn.until(lambda: unborn.settled(1))
    return unborn
