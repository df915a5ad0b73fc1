"""Running the CDK command line: limits, output and failures."""

import os
from pathlib import Path

import pytest

from paved_road_delivery import cloud
from paved_road_delivery.cloud import DeliveryError, run_cdk
from paved_road_delivery.toolchain import with_toolchain

GUARD = "The guard refuses this estate: 1 finding\n  - releases/x/Group: AwsSolutions-EC26"


@pytest.fixture(autouse=True)
def without_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own `cdk` is on PATH, and no other one may go before it."""
    monkeypatch.setattr(cloud, "with_toolchain", dict)


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


def test_a_refusal_of_the_app_is_told_in_the_apps_words(fake: Path) -> None:
    with pytest.raises(DeliveryError) as told:
        run(fake, f"echo '{GUARD}'; echo 'python app.py: Subprocess exited with error 1'; exit 1")
    assert f"failed: {GUARD} (all of it is in" in str(told.value)


def test_of_an_apps_traceback_the_error_is_told(fake: Path) -> None:
    script = """cat <<'.'
[WARNING] something old
Traceback (most recent call last):
  File "app.py", line 9, in <module>
    build()
paved_road.faults.PropsError: Region 'us-east-1': 1 fault
  - zones must name at least 3 zones, got 'ab'
python app.py: Subprocess exited with error 1
.
exit 1"""
    with pytest.raises(DeliveryError) as told:
        run(fake, script)
    assert "failed: paved_road.faults.PropsError: Region 'us-east-1': 1 fault\n" in str(told.value)
    assert "zones must name at least 3 zones, got 'ab' (all of it" in str(told.value)
    assert "WARNING" not in str(told.value)


def test_a_long_message_is_cut_and_counted(fake: Path) -> None:
    with pytest.raises(DeliveryError, match=r"\n20\nand 10 more lines \(all of it is in"):
        run(fake, "seq 30; echo 'app: Subprocess exited with error 1'; exit 1")


def test_the_checkouts_own_tools_go_before_others(tmp_path: Path) -> None:
    tools = tmp_path / "tools" / "cdk" / "node_modules" / ".bin"
    tools.mkdir(parents=True)
    (tools / "cdk").touch()
    found = with_toolchain({"PATH": "/usr/bin", "CDK_HOME": "/mine"}, tmp_path)
    assert found["PATH"] == f"{tmp_path}/.venv/bin{os.pathsep}{tools}{os.pathsep}/usr/bin"
    assert found["CDK_HOME"] == "/mine"
    assert found["JSII_RUNTIME_PACKAGE_CACHE_ROOT"] == f"{tmp_path}/.cache/jsii"


def test_without_a_checkout_the_environment_is_as_it_was(tmp_path: Path) -> None:
    assert with_toolchain({"PATH": "/usr/bin"}, tmp_path) == {"PATH": "/usr/bin"}
