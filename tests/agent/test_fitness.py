"""Machines on which no node starts: a clock that is off, a disk that is not there."""

import json
from pathlib import Path

import pytest

from paved_road_ring_agent.actions import Refuse, TakeSlot
from paved_road_ring_agent.clock import Clock, read_clock
from paved_road_ring_agent.decide import decide
from paved_road_ring_agent.fitness import disk_fault, unfit
from paved_road_ring_agent.layout import Layout
from tests.agent.scenes import BIRTH, newcomer, only, stopped, table

GOOD = Clock(synchronised=True, offset_milliseconds=0.4)
# As chrony 4.3 prints them, the first on an instance, the last before it found a source.
ON_AN_INSTANCE = (
    "A9FEA97B,169.254.169.123,4,1795602630.359,-0.000250000,0.0000012,0.00001,-12.3,0.001,0.02,"
    "0.000400000,0.000100000,16.2,Normal"
)
WITHOUT_A_SOURCE = (
    "00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,0.000,0.000,0.000,"
    "1.000000000,1.000000000,0.0,Not synchronised"
)


def folder(tmp_path: Path) -> Layout:
    return Layout(root=tmp_path, bundle=tmp_path)


class Machine(Layout):
    """A machine of its own, though its files are below a folder."""

    @property
    def is_machine(self) -> bool:
        return True


def machine(tmp_path: Path, report: object = None) -> Layout:
    found = Machine(root=tmp_path, bundle=tmp_path)
    if report is not None:
        found.disk_report.parent.mkdir(parents=True)
        found.disk_report.write_text(report if isinstance(report, str) else json.dumps(report))
    return found


def test_a_clock_is_off_by_all_that_may_add_up() -> None:
    found = Clock.from_tracking(ON_AN_INSTANCE)
    assert found.synchronised
    assert found.offset_milliseconds == pytest.approx(0.25 + 0.1 + 0.2)
    assert found.fault == ""


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (WITHOUT_A_SOURCE, "not synchronised"),
        (ON_AN_INSTANCE.replace("-0.000250000", "-0.250000000"), "may be off by 250 ms"),
        (ON_AN_INSTANCE.replace("0.000100000", "0.150000000"), "may be off by 150 ms"),
    ],
)
def test_a_skewed_clock_is_refused(line: str, fault: str, tmp_path: Path) -> None:
    layout = folder(tmp_path)
    layout.clock_file.parent.mkdir(parents=True)
    layout.clock_file.write_text(line)
    assert fault in unfit(layout)
    action = decide(stopped("a0", unfit=unfit(layout)))
    assert isinstance(action, Refuse)
    assert fault in action.reason
    layout.clock_file.write_text(ON_AN_INSTANCE)
    assert unfit(layout) == ""


@pytest.mark.parametrize(
    "command",
    [("/nonexistent/chronyc",), ("false",), ("echo", "506 Cannot talk to daemon")],
    ids=["no chrony", "chrony fails", "chrony says something else"],
)
def test_a_machine_whose_clock_nobody_knows_is_refused(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    layout = machine(tmp_path, {"devices": ["/dev/nvme1n1"], "bytes": 1})
    fault = unfit(layout, lambda one: read_clock(one, command), lambda _: True)
    assert fault == "chrony cannot be asked for the clock"
    told = unfit(layout, lambda one: read_clock(one, ("echo", ON_AN_INSTANCE)), lambda _: True)
    assert told == ""


@pytest.mark.parametrize(
    ("report", "mounted", "fault"),
    [
        (None, True, "did not report a data disk"),
        ("half a rep", True, "did not report a data disk"),
        ({"devices": [], "bytes": 0}, True, "names no instance-store devices"),
        ({"devices": ["/dev/nvme1n1"], "bytes": 0}, True, "names no instance-store devices"),
        ([], True, "names no instance-store devices"),
        ({"devices": ["/dev/nvme1n1"], "bytes": 1}, False, "is no mount point"),
    ],
)
def test_no_instance_store_disk_no_node(
    report: object, mounted: bool, fault: str, tmp_path: Path
) -> None:
    assert fault in disk_fault(machine(tmp_path, report), lambda _: mounted)


def test_a_mounted_disk_of_instance_store_is_taken(tmp_path: Path) -> None:
    layout = machine(tmp_path, {"devices": ["/dev/nvme1n1", "/dev/nvme2n1"], "bytes": 2**42})
    assert disk_fault(layout, lambda path: path == layout.disk) == ""
    assert unfit(layout, lambda _: GOOD, lambda _: True) == ""


def test_a_folder_is_its_own_disk_and_has_its_machines_clock(tmp_path: Path) -> None:
    assert unfit(folder(tmp_path)) == ""
    assert Layout(root=Path("/"), bundle=tmp_path).is_machine


def test_a_disk_that_was_not_mounted_is_not_taken_for_one_that_lost_its_data() -> None:
    """Else the instance would leave, and its data with it."""
    action = decide(stopped("a0", disk=None, unfit="/var/lib/paved-road is no mount point"))
    assert isinstance(action, Refuse)


def test_a_machine_that_cannot_run_a_node_takes_no_slot() -> None:
    fresh = newcomer("a", table=table(only("a0"), birth=BIRTH.__class__(
        incarnation="one", racks=BIRTH.racks, base=2
    )))  # fmt: skip
    assert isinstance(decide(fresh), TakeSlot)
    refused = newcomer("a", table=fresh.table, unfit="the clock is not synchronised")
    assert isinstance(decide(refused), Refuse)
