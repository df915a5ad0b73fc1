"""A lab of the tests' own: a free port, a temporary folder, ended whatever happens."""

import json
import re
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paved_road_lab.cloud import LabCloud
from paved_road_lab.lifecycle import down, up
from paved_road_lab.state import Lab
from tests.lab.clients import hold_keys
from tests.lab.rack_of_hosts import NEST
from tests.lab.ring import ROOT, LivingRing, reserved_network, until
from tests.lab.small_stacks import Template

KEPT_LOGS = ROOT / ".cache" / "rings"
"""Logs of rings whose test failed."""


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


@pytest.fixture
def create(cloud: LabCloud, request: pytest.FixtureRequest) -> Any:
    """Creates stacks named after the test."""

    def make(
        template: Template, *, region: str = "us-east-1", suffix: str = "", **given: Any
    ) -> str:
        name = f"{request.node.name.replace('_', '-')[:100]}{suffix}"
        cloud.client("cloudformation", region).create_stack(
            StackName=name, TemplateBody=json.dumps(template), **given
        )
        return name

    return make


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Any:
    """A ring that has formed, of `NODES_PER_RACK` (2) nodes in each of three racks."""
    folder: Path = tmp_path_factory.mktemp("ring")
    per_rack: int = getattr(request.module, "NODES_PER_RACK", 2)
    living = LivingRing(folder)
    with reserved_network() as octet:
        try:
            up(folder, port=free_port())
            living.start_hosts()
            living.deploy(per_rack, octet)
            _form(living, 3 * per_rack, request.node.name)
            until(living.vault.trust)
            hold_keys(living)
            yield living
        finally:
            down(folder)


def _form(living: LivingRing, nodes: int, name: str) -> None:
    try:
        living.wait_until_whole(nodes)
    except AssertionError as error:
        error.add_note(f"logs of all nodes: {_keep_logs(living, name)}\n{living.story()}")
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """A failed test shows what the agents of its ring said last, and keeps all logs."""
    report = yield
    living = getattr(item, "funcargs", {}).get("ring")
    if report.failed and report.when == "call" and isinstance(living, LivingRing):
        kept = _keep_logs(living, item.name)
        report.sections.append(("agents", f"logs of all nodes: {kept}\n{living.story()}"))
    return report


def _keep_logs(living: LivingRing, name: str) -> Path:
    kept = KEPT_LOGS / re.sub(r"[^\w.-]", "-", name)
    shutil.rmtree(kept, ignore_errors=True)
    living.keep_logs(kept)
    return kept


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("programs") / "programs.json"
    file.write_text(json.dumps([{"name": "nest", "argv": [sys.executable, "-c", NEST, NEST]}]))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Of a lab that runs, and is ended with all its hosts."""
    try:
        up(tmp_path, port=free_port())
        yield tmp_path
    finally:
        down(tmp_path)
