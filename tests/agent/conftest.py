"""A simulated ring that has formed, for tests that begin there."""

from pathlib import Path

import pytest

from paved_road_ring_agent import supervisor as supervising
from tests.agent.stand_ins import FakeProcess
from tests.agent.world import World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A ring of three that has formed."""
    made = World(tmp_path, per_rack=1)
    monkeypatch.setattr(supervising, "start", made.start)
    monkeypatch.setattr(supervising, "Process", lambda pid, _: FakeProcess(made, pid))
    made.until(lambda: made.settled(1))
    return made
