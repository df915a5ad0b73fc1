"""A lab of the tests' own: a free port, a temporary folder, ended whatever happens."""

import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from paved_road_lab.cloud import LabCloud
from paved_road_lab.lifecycle import down, up
from paved_road_lab.living import announce_living
from paved_road_lab.state import Lab
from paved_road_ring_agent.jvm import free_port
from tests.lab.formed import formed_ring
from tests.lab.hooked_group import LIVING, Create, create_group
from tests.lab.living_ring import LivingRing
from tests.lab.rack_of_hosts import NEST
from tests.lab.ring_logs import last_words
from tests.lab.small_stacks import Template


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
    per_rack: int = getattr(request.module, "NODES_PER_RACK", 2)
    with formed_ring(tmp_path_factory.mktemp("ring"), per_rack, request.node.name) as living:
        yield living


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """A failed test shows what the agents of its ring said last, and keeps all logs."""
    report = yield
    living = getattr(item, "funcargs", {}).get("ring")
    if report.failed and report.when == "call" and isinstance(living, LivingRing):
        report.sections.append(("agents", last_words(living, item.name)))
    return report


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


@pytest.fixture
def living(lab: Lab) -> Iterator[None]:
    """Somebody lives on the instances of one region meanwhile."""
    announce_living(lab, [LIVING])
    yield
    announce_living(lab, [])


@pytest.fixture
def hooked_group(cloud: LabCloud, request: pytest.FixtureRequest) -> Create:
    """Creates groups in stacks named after the test."""
    return partial(create_group, cloud, request.node.name.replace("_", "-")[:100])
