"""A lab of the tests' own: a free port, a temporary folder, ended whatever happens."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from paved_road_lab.cloud import LabCloud
from paved_road_lab.lifecycle import down, up
from paved_road_lab.state import Lab


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("lab")
    try:
        yield up(folder, port=free_port())
    finally:
        down(folder)


@pytest.fixture(scope="module")
def cloud(lab: Lab) -> LabCloud:
    return LabCloud(lab)
