"""Starting, finding and ending a lab."""

import socket
from pathlib import Path

import pytest

from paved_road_lab.lifecycle import down, require, running, up
from paved_road_lab.state import LabError
from paved_road_ring_agent.jvm import free_port

pytestmark = pytest.mark.slow


def test_a_lab_starts_once_and_ends_once(tmp_path: Path) -> None:
    try:
        first = up(tmp_path, port=free_port())
        assert up(tmp_path, port=free_port()) == first
        assert require(tmp_path) == first
        assert down(tmp_path)
    finally:
        down(tmp_path)
    assert running(tmp_path) is None
    assert not down(tmp_path)


def test_a_port_in_use_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LabError, match=f"port {port} is in use.*--port"):
            up(tmp_path, port=port)
    assert running(tmp_path) is None


def test_without_a_lab_the_way_to_start_one_is_said(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="run `paved-road lab up`"):
        require(tmp_path)


def test_a_process_that_took_over_the_pid_is_not_ended(tmp_path: Path) -> None:
    import os
    from dataclasses import replace

    try:
        lab = up(tmp_path, port=free_port())
        replace(lab, pid=os.getpid()).save()
        assert running(tmp_path) is None
        assert not down(tmp_path)
        lab.save()
    finally:
        assert down(tmp_path)
