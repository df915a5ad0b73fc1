"""The agent's dependencies: the same for both architectures, and nothing without a checksum."""

import ast
import platform
import sys
from pathlib import Path

import pytest

from paved_road_bundle.contents import AGENT
from paved_road_bundle.errors import BundleError, RefusedError
from paved_road_bundle.wheel_tools import fetch_wheels
from paved_road_bundle.wheels import LOCK, Wheel, WheelLock, unfit
from tests.unit.bundles import wheel_lock

LOCKED = WheelLock.read()
IMPORTED_AS = {"cassandra": "cassandra-driver"}


def test_each_architecture_has_the_same_versions() -> None:
    x86, arm = (
        {(one.name, one.version) for one in LOCKED.by_machine[machine]}
        for machine in ("x86_64", "aarch64")
    )
    assert x86 == arm


def test_a_wheel_of_one_architecture_is_for_that_one_alone() -> None:
    for one in LOCKED.wheels:
        assert one.machine == next((m for m in ("x86_64", "aarch64") if m in one.file), "")


def test_whatever_the_agent_imports_is_there() -> None:
    locked = {one.name for one in LOCKED.wheels}
    ours = {package.name for package in AGENT}
    for package in AGENT:
        for file in package.rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                for name in {one.split(".")[0] for one in names} - sys.stdlib_module_names - ours:
                    assert IMPORTED_AS.get(name, name) in locked, f"{file.name} imports {name}"


def test_the_lock_holds_no_address_and_says_the_same_when_written(tmp_path: Path) -> None:
    text = LOCK.read_text(encoding="utf-8")
    assert "://" not in text
    WheelLock(tmp_path / "again.lock", LOCKED.wheels).write()
    assert (tmp_path / "again.lock").read_text(encoding="utf-8") == text


def test_a_line_without_a_checksum_is_refused(tmp_path: Path) -> None:
    (tmp_path / "agent.lock").write_text("# fine\nboto3==1.44.5\n")
    with pytest.raises(RefusedError, match=r"agent.lock:2 names no wheel: boto3==1.44.5"):
        WheelLock.read(tmp_path / "agent.lock")


def test_wheels_that_are_there_are_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = wheel_lock(tmp_path)
    monkeypatch.setattr(sys, "executable", "/nonexistent")
    fetch_wheels(lock, tmp_path)
    (tmp_path / lock.wheels[0].file).write_bytes(b"damaged")
    with pytest.raises(FileNotFoundError):
        fetch_wheels(lock, tmp_path)


def test_what_the_index_has_not_got_is_said_in_pips_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
        monkeypatch.setenv(variable, {"PIP_NO_INDEX": "1"}.get(variable, str(tmp_path)))
    wheel = Wheel(name="driver", version="1.0", machine="", sha256=64 * "0", file="x.whl")
    with pytest.raises(BundleError, match=r"pip download: .*driver==1.0"):
        fetch_wheels(WheelLock(tmp_path / "agent.lock", (wheel,)), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("libc", "machine", "told"),
    [
        (("glibc", "2.34"), "aarch64", None),
        (("glibc", "2.31"), "x86_64", "glibc 2.34 or newer, and this is 2.31"),
        (("", ""), "arm64", "CPython on a Linux with glibc"),
        (("glibc", "2.40"), "riscv64", "x86_64 and arm64, and this is riscv64"),
    ],
)
def test_other_machines_than_instances_are_told_why(
    monkeypatch: pytest.MonkeyPatch, libc: tuple[str, str], machine: str, told: str | None
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 11, 9))
    monkeypatch.setattr(platform, "libc_ver", lambda: libc)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert told in (unfit() or "") if told else unfit() is None


def test_another_python_is_told_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 13, 1))
    assert unfit() == "they are for Python 3.11, and this is 3.13"
