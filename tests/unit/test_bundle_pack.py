"""The archive: the same bytes from the same contents, and what is in it."""

import json
import os
import tarfile
from pathlib import Path

import pytest

from paved_road_bundle.bundle import Bundle, BundlePin
from paved_road_bundle.contents import Contents
from paved_road_bundle.errors import RefusedError
from paved_road_bundle.install import install
from paved_road_bundle.pack import pack
from tests.unit.bundles import content, lock_of, wheel_lock

LOCK = lock_of("alpha", "beta")


def contents(folder: Path, **given: list[Path]) -> Contents:
    """With two jars and one wheel for each architecture, all of which stand in the folder."""
    for one in LOCK.artifacts:
        (folder / "maven" / one.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "maven" / one.path).write_bytes(content(one.artifact))
    return Contents.of(LOCK, wheel_lock(folder / "wheels"), **given)


def packed(folder: Path, out: str = "out", **given: list[Path]) -> Bundle:
    return pack(contents(folder, **given), folder, folder / out)


def package(folder: Path, *, order: int = 1) -> Path:
    names = ["__init__.py", "py.typed", "data.csv", "inner/deep.py"]
    for name in names[::order]:
        (folder / "agent" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "agent" / name).write_text(f"# {name}\n")
    return folder / "agent"


def test_the_same_contents_give_the_same_bytes(tmp_path: Path) -> None:
    one = packed(tmp_path / "a", packages=[package(tmp_path / "first")])
    second = package(tmp_path / "second", order=-1)
    for file in second.rglob("*"):
        os.utime(file, (1, 1))
    (second / "inner/deep.py").chmod(0o777)
    (second / "__pycache__").mkdir()
    (second / "__pycache__" / "deep.pyc").write_bytes(b"of this machine")
    (second / ".deep.py.swp").write_bytes(b"of an editor")
    other = packed(tmp_path / "b", "other", packages=[second])
    assert one.path.read_bytes() == other.path.read_bytes()
    assert (one.sha256, one.name) == (other.sha256, other.name)


def test_its_name_is_that_of_its_contents_which_are_known_before_anything_is_fetched(
    tmp_path: Path,
) -> None:
    pin = Contents.of(LOCK, wheel_lock(tmp_path / "elsewhere")).pin
    bundle = packed(tmp_path)
    assert (bundle.version, bundle.sha256) == (pin.version, pin.sha256)
    assert bundle.path.name == f"paved-road-node-5.0.9-{pin.sha256[:12]}.tar"
    assert bundle.key == f"bundles/{bundle.path.name}"
    assert [file.name for file in (tmp_path / "out").iterdir()] == [bundle.path.name]


def test_this_version_has_one_pin() -> None:
    assert BundlePin.of_this_version() == Contents.of_this_version().pin


@pytest.mark.parametrize(
    ("version", "sha256", "told"),
    [("5.0", 64 * "0", "version must be"), ("5.0.9", 64 * "A", "64 lower"), ("5.0.9", "0", "64")],
)
def test_what_is_no_pin_is_refused(version: str, sha256: str, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        BundlePin.pinned(version, sha256)


def test_another_line_of_the_agent_is_another_bundle(tmp_path: Path) -> None:
    agent = package(tmp_path)
    before = packed(tmp_path, packages=[agent])
    (agent / "__init__.py").write_text("changed = True\n")
    assert packed(tmp_path, packages=[agent]).sha256 != before.sha256


def test_it_holds_jars_wheels_the_agent_its_boot_and_first_a_manifest_of_all(
    tmp_path: Path,
) -> None:
    bundle = packed(tmp_path)
    with tarfile.open(bundle.path) as tar:
        members = {member.name: member for member in tar.getmembers()}
        manifest_file = tar.extractfile("manifest.json")
        assert manifest_file
        manifest = json.load(manifest_file)
    assert next(iter(members)) == "manifest.json"
    assert (manifest["format"], manifest["cassandra"]) == (2, "5.0.9")
    assert manifest["files"].keys() == members.keys() - {"manifest.json"}
    assert manifest["files"]["lib/alpha-1.0.jar"] == LOCK.artifacts[0].sha256
    assert {
        "install.py",
        "jvm.options",
        "boot/wheels.sh",
        "agent/paved_road_ring_agent/agent.py",
        "agent/paved_road_contract/py.typed",
        "lib/beta-1.0.jar",
        "wheels/agent.lock",
        "wheels/driver-1.0-py3-none-manylinux_2_17_x86_64.whl",
        "wheels/driver-1.0-py3-none-manylinux_2_17_aarch64.whl",
    } <= members.keys()
    assert not [name for name in members if "__pycache__" in name]
    assert {(m.mtime, m.uid, m.gid, m.uname, m.mode) for m in members.values()} == {
        (0, 0, 0, "", 0o644)
    }


def test_the_installer_takes_what_was_packed(tmp_path: Path) -> None:
    bundle = packed(tmp_path)
    folder = install(bundle.path, bundle.sha256, tmp_path / "software")
    assert (folder / "lib/alpha-1.0.jar").read_bytes() == content("alpha")


def test_a_jar_that_changed_in_the_cache_is_refused(tmp_path: Path) -> None:
    made = contents(tmp_path)
    (tmp_path / "maven" / LOCK.artifacts[1].path).write_bytes(b"other")
    with pytest.raises(RefusedError, match=r"beta-1.0.jar is not what the bundle's manifest names"):
        pack(made, tmp_path, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_jar_that_is_missing_is_refused(tmp_path: Path) -> None:
    made = contents(tmp_path)
    (tmp_path / "maven" / LOCK.artifacts[1].path).unlink()
    with pytest.raises(RefusedError, match=r"beta-1.0.jar is not in the cache"):
        pack(made, tmp_path, tmp_path / "out")
