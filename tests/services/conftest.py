"""The sample services as their own builds install them, started as processes."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from paved_road_ring_agent.jvm import free_port
from tests.waiting import until

SERVICES = Path(__file__).parents[2] / "services"
BUILDS = ("chassis", "orders-data", "place-order", "get-order")


class Processes:
    """Members of services, by what they were started with."""

    def __init__(self, installed: Path) -> None:
        self._installed = installed

    @contextmanager
    def member(self, module: str, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
        """Its address once it is ready, and its process, ended with the block."""
        port = free_port()
        process = self.start(module, PORT=str(port), ADDRESS="127.0.0.1", **settings)
        url = f"http://127.0.0.1:{port}"
        try:
            until(lambda: status(f"{url}/health/ready") == 200)
            yield url, process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)

    def start(self, module: str, **settings: str) -> subprocess.Popen[str]:
        path = {"PYTHONPATH": str(self._installed), "PATH": os.environ["PATH"]}
        return subprocess.Popen(
            [sys.executable, "-m", module],
            env={**path, **settings},
            stderr=subprocess.PIPE,
            text=True,
        )


def status(url: str) -> int:
    try:
        return requests.get(url, timeout=10).status_code
    except requests.ConnectionError:
        return 0


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Processes:
    """Installed from copies, since a build leaves files beside its source."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    clutter = shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    for name in BUILDS:
        shutil.copytree(SERVICES / name, source / name, ignore=clutter)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    folders = [str(source / name) for name in BUILDS]
    subprocess.run([*pip, "--target", str(target), *folders], check=True, timeout=300)
    return Processes(target)
