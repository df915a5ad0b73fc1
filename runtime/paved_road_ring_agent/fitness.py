"""Whether this machine may run a node at all: its data disk and its clock. In doubt it may not."""

import json
from collections.abc import Callable
from pathlib import Path

from paved_road_ring_agent.clock import Clock, read_clock
from paved_road_ring_agent.layout import Layout, read_whole


def unfit(
    layout: Layout,
    clock: Callable[[Layout], Clock | None] = read_clock,
    is_mount: Callable[[Path], bool] = Path.is_mount,
) -> str:
    """Why no node may start here; empty if one may."""
    if fault := disk_fault(layout, is_mount):
        return fault
    found = clock(layout)
    return "chrony cannot be asked for the clock" if found is None else found.fault


def disk_fault(layout: Layout, is_mount: Callable[[Path], bool] = Path.is_mount) -> str:
    """Data stands on instance store or nowhere.

    The boot script writes `layout.disk_report` after it mounted the volume: `{"devices": ["/dev/
    nvme1n1", ...], "bytes": 3750000000000}`, its instance-store devices and their size. It stands
    in /run, so each boot proves it anew. A node below a folder has that folder for a disk.
    """
    if not layout.is_machine:
        return ""
    try:
        report = read_whole(layout.disk_report)
    except (OSError, json.JSONDecodeError):
        report = None
    if report is None:
        return f"the boot script did not report a data disk in {layout.disk_report}"
    if not (isinstance(report, dict) and report.get("devices") and report.get("bytes")):
        return f"{layout.disk_report} names no instance-store devices: data never goes elsewhere"
    if not is_mount(layout.disk):
        return f"{layout.disk} is no mount point: data would go to the root volume"
    return ""
