"""How a host's programs are started from a bundle that is installed already."""

import logging
import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from paved_road_bundle.contents import Contents
from paved_road_bundle.install import InstallError, install
from paved_road_bundle.pack import pack
from paved_road_lab.hosts import software as module
from paved_road_lab.hosts.programs import programs
from paved_road_lab.hosts.software import SKIPPED, Installed, Software, get_software
from paved_road_lab.hosts.wanted import chosen
from tests.unit.bundles import content, lock_of, wheel_lock
from tests.unit.test_boot_machine import NODE


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Software:
    """A bundle that stands in `tmp_path/software`."""
    monkeypatch.setenv("PAVED_ROAD_JAVA", "/usr/bin/java")
    jars = lock_of("alpha")
    (file,) = (tmp_path / "maven" / one.path for one in jars.artifacts)
    file.parent.mkdir(parents=True)
    file.write_bytes(content("alpha"))
    bundle = pack(Contents.of(jars, wheel_lock(tmp_path / "wheels")), tmp_path, tmp_path / "out")
    install(bundle.path, bundle.sha256, tmp_path / "software")
    return Software(bucket="b", key=bundle.key, sha256=bundle.sha256)


def test_where_the_wheels_do_not_fit_the_labs_packages_serve_and_the_log_says_so(
    small: Software,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(module, "unfit", lambda: "they are for another Python")
    caplog.set_level(logging.INFO)
    found = get_software(small, NODE.region, tmp_path / "software")
    assert found
    folder = tmp_path / "software" / small.sha256
    assert found == Installed(
        bundle=folder,
        python=(sys.executable,),
        environment={
            "PYTHONPATH": str(folder / "agent"),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PAVED_ROAD_BUNDLE": str(folder),
            "PAVED_ROAD_JAVA": "/usr/bin/java",
        },
    )
    assert "wheels are not used: they are for another Python" in caplog.text
    assert all(f"not done in the lab: {what}" in caplog.text for what in SKIPPED)


def test_a_bundle_that_was_damaged_since_is_refused(small: Software, tmp_path: Path) -> None:
    jar = tmp_path / "software" / small.sha256 / "lib/alpha-1.0.jar"
    jar.write_bytes(b"other")
    with pytest.raises(InstallError, match=r"alpha-1.0.jar is damaged"):
        get_software(small, NODE.region, tmp_path / "software")


def test_both_programs_get_what_the_bundle_brings() -> None:
    given = {"PYTHONPATH": f"/b/agent{os.pathsep}/b.python"}
    found = programs(Installed(bundle=Path("/b"), python=("py", "-S"), environment=given))
    assert [one.name for one in found] == ["supervisor", "agent"]
    assert [one.argv[:3] for one in found] == [("py", "-S", "-m")] * 2
    assert all(one.environment == given for one in found)


def test_a_node_that_was_told_of_no_bundle_runs_the_checkouts_agent(tmp_path: Path) -> None:
    nothing = chosen(replace(NODE, artifact_bucket=None), tmp_path)
    assert get_software(nothing, NODE.region, tmp_path) is None
    assert [one.argv[0] for one in programs(None)] == [sys.executable] * 2
    assert all(one.environment == {} for one in programs(None))
