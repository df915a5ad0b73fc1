"""The lock: what is in it, what is not, and that it says the same after it was written."""

from pathlib import Path

import pytest

from paved_road_bundle.lock import LOCK, Lock, excluded
from paved_road_bundle.repository import repository

LOCKED = Lock.read()


def test_no_artifact_is_of_a_platform_that_nodes_are_not() -> None:
    assert not [one.file for one in LOCKED.artifacts if excluded(one.file.removesuffix(".jar"))]
    words = ("osx", "macos", "windows", "riscv", "ppcle")
    assert not [one.file for one in LOCKED.artifacts if any(word in one.file for word in words)]


@pytest.mark.parametrize(
    "name", ["netty-x-1.0-osx-aarch_64", "netty-x-1.0-windows-x86_64", "x-1-linux-riscv64"]
)
def test_other_platforms_are_left_out_with_a_reason(name: str) -> None:
    assert excluded(name)


def test_natives_of_both_architectures_are_there() -> None:
    classifiers = {one.classifier for one in LOCKED.artifacts if "epoll" in one.artifact}
    assert {"linux-x86_64", "linux-aarch_64"} <= classifiers


def test_every_artifact_has_a_name_of_its_own_and_a_whole_checksum() -> None:
    assert len({one.file for one in LOCKED.artifacts}) == len(LOCKED.artifacts)
    assert all(len(one.sha256) == 64 and one.size > 0 for one in LOCKED.artifacts)
    assert f"cassandra-all-{LOCKED.cassandra}.jar" in {one.file for one in LOCKED.artifacts}


def test_the_lock_holds_no_address() -> None:
    assert "://" not in LOCK.read_text(encoding="utf-8")


def test_writing_what_was_read_changes_nothing(tmp_path: Path) -> None:
    LOCKED.write(tmp_path / "again.toml")
    assert (tmp_path / "again.toml").read_bytes() == LOCK.read_bytes()


def test_a_mirror_comes_before_the_public_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAVED_ROAD_MAVEN_REPOSITORY", "https://mirror.example/maven/")
    assert repository() == "https://mirror.example/maven"
