"""Running the CDK command line: limits, output and failures."""

import os
from pathlib import Path

import pytest

from paved_road_delivery.cloud import DeliveryError, run_cdk


@pytest.fixture
def fake(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin" / "cdk"


def run(fake: Path, script: str, *, limit: int = 30) -> tuple[str, list[str]]:
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    said: list[str] = []
    output = run_cdk(
        ["deploy"],
        environment={"PATH": f"{fake.parent}{os.pathsep}{os.environ['PATH']}"},
        folder=fake.parent,
        log=fake.parent / "log",
        say=said.append,
        timeout_seconds=limit,
    )
    return output, said


def test_progress_is_said_and_output_kept(fake: Path) -> None:
    output, said = run(fake, "echo 'a: deploying... [1/1]'; echo noise; echo '✅  a'")
    assert said == ["a: deploying... [1/1]", "a"]
    assert (fake.parent / "log").read_text() == output


def test_a_silent_process_is_ended_at_its_limit(
    fake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(DeliveryError, match="took longer than 1 s"):
        run(fake, "cat /dev/zero >/dev/null", limit=1)


def test_a_failure_names_its_cause_and_its_log(fake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{fake.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(DeliveryError, match=r"❌  a failed: no room .*log\)"):
        run(fake, "echo start; echo '❌  a failed: no room'; echo more; exit 1")
    assert "start" in (fake.parent / "log").read_text()


def test_a_missing_command_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="no `cdk` on PATH: `make setup` installs it"):
        run_cdk(
            ["deploy"],
            environment={"PATH": str(tmp_path)},
            folder=tmp_path,
            log=tmp_path / "log",
            say=lambda _: None,
        )
