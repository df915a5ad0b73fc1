"""What `make setup` says when a machine cannot do it: one sentence, no traceback."""

import os
import subprocess
from pathlib import Path

import pytest

SETUP = Path(__file__).parents[2] / "tools" / "setup"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout's files that setup reads, so that a test never touches the real one."""
    root = SETUP.parents[1]
    npm = (f"tools/{name}/package-lock.json" for name in ("cdk", "dynamodb"))
    for name in ("requirements.lock", "pyproject.toml", *npm):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((root / name).read_text())
    script = tmp_path / "tools" / "setup"
    script.write_text(SETUP.read_text())
    script.chmod(0o755)
    return tmp_path


def run(checkout: Path, python: str, *shadows: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([*map(str, shadows), os.environ["PATH"]])
    return subprocess.run(
        [str(checkout / "tools" / "setup"), python],
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def command(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return folder


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2
    (sentence,) = done.stderr.strip().splitlines()
    assert sentence.startswith("paved-road: ")
    return sentence


def test_a_missing_python_is_a_sentence(checkout: Path) -> None:
    sentence = refused(run(checkout, "python-of-nobody"))
    assert "no 'python-of-nobody' on PATH: install Python 3.11 or newer" in sentence


def test_a_python_too_old_is_a_sentence(checkout: Path, tmp_path: Path) -> None:
    old = command(
        tmp_path / "old",
        "python3",
        'case "$2" in *print*) echo 3.9 ;; *) exit 1 ;; esac',
    )
    assert "is Python 3.9: 3.11 or newer is needed" in refused(run(checkout, "python3", old))


def test_a_full_disk_is_a_sentence(checkout: Path, tmp_path: Path) -> None:
    full = command(tmp_path / "full", "df", 'echo header; echo "disk 1000 900 102400 99% /"')
    assert "100 MB free here, setup needs 2000 MB" in refused(run(checkout, "python3", full))
    assert not (checkout / ".venv").exists()
