"""The archive: the same bytes from the same inputs, and what is in it."""

import json
import os
import tarfile
from pathlib import Path

import pytest

from paved_road_bundle.errors import RefusedError
from paved_road_bundle.lock import Lock, sha256_of
from paved_road_bundle.pack import pack
from tests.unit.bundles import content, lock_of

LOCK = lock_of("alpha", "beta")


def cache_of(lock: Lock, folder: Path) -> Path:
    for one in lock.artifacts:
        (folder / one.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / one.path).write_bytes(content(one.artifact))
    return folder


def package(folder: Path, *, order: int = 1) -> Path:
    names = ["__init__.py", "py.typed", "data.csv", "inner/deep.py"]
    for name in names[::order]:
        (folder / "agent" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "agent" / name).write_text(f"# {name}\n")
    return folder / "agent"


def names(archive: Path) -> list[str]:
    with tarfile.open(archive) as tar:
        return tar.getnames()


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    one = pack(
        LOCK,
        cache_of(LOCK, tmp_path / "a"),
        tmp_path / "one",
        packages=[package(tmp_path / "a")],
    )
    second = package(tmp_path / "b", order=-1)
    (second / "__init__.py").chmod(0o600)
    os.utime(second / "data.csv", (1, 1))
    (second / "__pycache__").mkdir()
    (second / "__pycache__" / "deep.pyc").write_bytes(b"of this machine")
    (second / ".deep.py.swp").write_bytes(b"of an editor")
    other = pack(LOCK, cache_of(LOCK, tmp_path / "b"), tmp_path / "other", packages=[second])
    assert one.path.read_bytes() == other.path.read_bytes()
    assert (one.sha256, one.name) == (other.sha256, other.name)


def test_its_name_and_checksum_are_those_of_its_bytes(tmp_path: Path) -> None:
    bundle = pack(LOCK, cache_of(LOCK, tmp_path), tmp_path / "out")
    assert bundle.sha256 == sha256_of(bundle.path)
    assert bundle.path.name == f"paved-road-node-5.0.9-{bundle.sha256[:12]}.tar"
    assert bundle.key == f"bundles/{bundle.path.name}"
    assert [file.name for file in (tmp_path / "out").iterdir()] == [bundle.path.name]


def test_another_line_of_the_agent_is_another_bundle(tmp_path: Path) -> None:
    cache, agent = cache_of(LOCK, tmp_path), package(tmp_path)
    before = pack(LOCK, cache, tmp_path / "out", packages=[agent])
    (agent / "__init__.py").write_text("changed = True\n")
    assert pack(LOCK, cache, tmp_path / "out", packages=[agent]).sha256 != before.sha256


def test_it_holds_jars_the_agent_and_a_manifest_of_all(tmp_path: Path) -> None:
    bundle = pack(LOCK, cache_of(LOCK, tmp_path), tmp_path / "out")
    with tarfile.open(bundle.path) as tar:
        members = {member.name: member for member in tar.getmembers()}
        manifest_file = tar.extractfile("manifest.json")
        assert manifest_file
        manifest = json.load(manifest_file)
    assert (manifest["format"], manifest["cassandra"]) == (1, "5.0.9")
    assert manifest["files"].keys() == members.keys() - {"manifest.json"}
    assert manifest["files"]["lib/alpha-1.0.jar"] == LOCK.artifacts[0].sha256
    assert {
        "jvm.options",
        "agent/paved_road_ring_agent/agent.py",
        "agent/paved_road_contract/py.typed",
        "lib/beta-1.0.jar",
    } <= members.keys()
    assert not [name for name in members if "__pycache__" in name]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.mode) for m in members.values()} == {
        (0, 0, 0, "", 0o644)
    }


def test_wheels_go_along_if_there_are_any(tmp_path: Path) -> None:
    cache, wheels = cache_of(LOCK, tmp_path), tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "driver-1.0-py3-none-any.whl").write_bytes(b"wheel")
    (wheels / "README").write_bytes(b"none")
    packed = names(pack(LOCK, cache, tmp_path / "out", wheels=wheels).path)
    assert [name for name in packed if "wheels" in name] == ["wheels/driver-1.0-py3-none-any.whl"]
    assert not [name for name in names(pack(LOCK, cache, tmp_path).path) if "wheels" in name]


def test_a_jar_that_changed_in_the_cache_is_refused(tmp_path: Path) -> None:
    cache = cache_of(LOCK, tmp_path)
    (cache / LOCK.artifacts[1].path).write_bytes(b"other")
    with pytest.raises(RefusedError, match=r"beta-1.0.jar in the cache is not what the lock names"):
        pack(LOCK, cache, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_jar_that_is_missing_is_refused(tmp_path: Path) -> None:
    cache = cache_of(LOCK, tmp_path)
    (cache / LOCK.artifacts[1].path).unlink()
    with pytest.raises(RefusedError, match=r"beta-1.0.jar is not in the cache"):
        pack(LOCK, cache, tmp_path / "out")
