"""The boot's disk script: every state that an instance's disks can be in."""

from pathlib import Path

import pytest

from paved_road_ring_agent.layout import Layout, read_whole
from tests.unit.fake_machine import BOOT, BYTES, Machine

DISK = BOOT / "disk.sh"
FOREIGN = {"name": "host:other", "uuid": "three:four"}


def started(machine: Machine, disks: int) -> bool:
    done = machine.run(DISK, str(disks), "paved-road")
    assert done.returncode == 0, done.stderr
    layout = Layout(root=machine.root, bundle=Path())
    assert read_whole(layout.disk_report) == {
        "devices": [str(machine.device(number)) for number in range(disks)],
        "bytes": BYTES,
    }
    return str(layout.disk) in machine.state["mounts"]


def refused(machine: Machine, disks: int) -> str:
    before, layout = machine.state, Layout(root=machine.root, bundle=Path())
    layout.disk_report.write_text("{}")
    done = machine.run(DISK, str(disks), "paved-road")
    assert done.returncode == 1
    assert not layout.disk_report.exists()
    assert done.stderr.startswith("disk: this node does not start: ")
    for what in ("signatures", "mounts"):
        assert machine.state[what] == before[what]
    for destructive in ("mkfs.xfs", "mount"):
        assert machine.called(destructive) == []
    assert not [one for one in machine.called("mdadm") if one[0] == "--create"]
    return done.stderr


@pytest.mark.parametrize("disks", [1, 2, 4])
def test_blank_disks_become_one_volume(tmp_path: Path, disks: int) -> None:
    machine = Machine.with_disks(tmp_path, disks)
    assert started(machine, disks)
    (array,) = machine.state["arrays"].values()
    assert array["members"] == [str(machine.device(number)) for number in range(disks)]
    assert (array["type"], array["label"]) == ("xfs", "paved-road")
    place = str(machine.root / "var/lib/paved-road")
    assert ["paved-road:paved-road", place] in machine.called("chown")
    read_ahead = [one[-1] for one in machine.called("blockdev") if one[:2] == ["--setra", "16"]]
    assert set(read_ahead) == {*array["members"], str(machine.root / "dev/md/paved-road")}
    assert not [call for call in machine.calls if "nvme0n1" in " ".join(call)]


@pytest.mark.parametrize("name", [None, "/dev/md127"])
def test_a_later_boot_finds_what_stands_and_writes_nothing(
    tmp_path: Path, name: str | None
) -> None:
    machine = Machine.with_disks(tmp_path, 2)
    assert started(machine, 2)
    machine.reboot(assembled_as=name)
    assert started(machine, 2)
    assert machine.called("mkfs.xfs") == []
    assert {one[0] for one in machine.called("mdadm")} == (
        {"--examine"} if name else {"--examine", "--assemble"}
    )


def test_it_may_run_again_on_a_mounted_volume(tmp_path: Path) -> None:
    machine = Machine.with_disks(tmp_path, 1)
    assert started(machine, 1)
    assert started(machine, 1)
    assert len(machine.called("mount")) == len(machine.called("mkfs.xfs")) == 1


def test_no_disk_no_node(tmp_path: Path) -> None:
    assert "no instance store" in refused(Machine.with_disks(tmp_path, 0), 1)


@pytest.mark.parametrize(("there", "expected"), [(1, 2), (3, 2)])
def test_another_number_of_disks_than_the_types_is_refused(
    tmp_path: Path, there: int, expected: int
) -> None:
    told = refused(Machine.with_disks(tmp_path, there), expected)
    assert f"has {expected} NVMe disks, and {there} are there" in told


def test_a_disk_that_vanished_is_not_gone_without(tmp_path: Path) -> None:
    machine = Machine.with_disks(tmp_path, 2)
    assert started(machine, 2)
    machine.reboot()
    for link in (machine.root / "dev/disk/by-id").glob("*AWS1*"):
        link.unlink()
    assert "has 2 NVMe disks, and 1 are there" in refused(machine, 2)


@pytest.mark.parametrize("held", ["ext4", "gpt", "xfs"])
def test_what_is_not_ours_is_never_written_over(tmp_path: Path, held: str) -> None:
    machine = Machine.with_disks(tmp_path, 2)
    machine.change(signatures={str(machine.device(1)): held})
    assert f"{machine.device(1)} holds something that is not ours" in refused(machine, 2)


def test_an_array_of_somebody_else_is_refused(tmp_path: Path) -> None:
    machine = Machine.with_disks(tmp_path, 1)
    machine.change(signatures={str(machine.device(0)): FOREIGN})
    assert "part of an array that is not ours: host:other" in refused(machine, 1)


@pytest.mark.parametrize("second", [None, {"name": "any:paved-road", "uuid": "three:four"}])
def test_disks_of_different_lives_are_refused(
    tmp_path: Path, second: dict[str, str] | None
) -> None:
    machine = Machine.with_disks(tmp_path, 2)
    held = {str(machine.device(0)): {"name": "any:paved-road", "uuid": "one:two"}}
    machine.change(signatures=held | ({str(machine.device(1)): second} if second else {}))
    assert "of different lives" in refused(machine, 2)


def test_a_disk_that_can_not_be_read_is_refused(tmp_path: Path) -> None:
    machine = Machine.with_disks(tmp_path, 1)
    machine.change(failing=["wipefs"])
    assert "can't be read" in refused(machine, 1)


def test_an_array_whose_file_system_is_gone_is_not_formatted_again(tmp_path: Path) -> None:
    machine = Machine.with_disks(tmp_path, 2)
    machine.change(failing=["mkfs.xfs"])
    assert machine.run(DISK, "2", "paved-road").returncode == 1
    machine.reboot(assembled_as="/dev/md127")
    machine.change(failing=[])
    assert "holds no filesystem of ours (type '', label '')" in refused(machine, 2)


def test_another_volume_at_its_place_is_refused(tmp_path: Path) -> None:
    machine = Machine.with_disks(tmp_path, 1)
    assert started(machine, 1)
    machine.reboot(assembled_as="/dev/md127")
    place = str(machine.root / "var/lib/paved-road")
    machine.change(mounts={place: str(machine.root / "dev/nvme0n1")})
    assert "which is not its array" in refused(machine, 1)
