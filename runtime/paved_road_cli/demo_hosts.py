"""What the demo starts in place of instances: a ring and releases, or releases alone."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paved_road_cli.output import say
from paved_road_lab.hosts.images import IMAGES_VARIABLE, SAMPLES
from paved_road_lab.hosts.lifecycle import hosts_down, hosts_up, recorded_daemon
from paved_road_lab.state import Lab

SMALL = {"PAVED_ROAD_HEAP_MIB": "256", "PAVED_ROAD_RING_DELAY_MS": "3000"}
"""Nodes that share a laptop; whoever sets these variables has them otherwise."""

KEEPS_ORDERS = "orders-data"


def start_hosts(lab: Lab, region: str) -> None:
    """Make instances of rings and releases in `region` run.

    Before the ring is deployed, so that hooks wait. Hosts that an earlier demo had without a ring
    boot again.
    """
    before = recorded_daemon(lab.folder)
    if before and before.programs:
        hosts_down(lab.folder)
    with _variables(SMALL):
        hosts_up(lab.folder, [region], say=say)


def start_members(lab: Lab, region: str) -> None:
    """Make instances of releases run and leave a ring's empty; orders are kept in memory then.

    After the ring is deployed, since nobody would complete its hooks. Where a ring lives, it stays.
    """
    before = recorded_daemon(lab.folder)
    if before and before.process() and before.programs is None:
        return
    nothing, images = lab.folder / "no-programs.json", lab.folder / "images.json"
    nothing.write_text("[]\n", encoding="utf-8")
    images.write_text(json.dumps(in_memory(SAMPLES)), encoding="utf-8")
    with _variables({IMAGES_VARIABLE: str(images.resolve())}):
        hosts_up(lab.folder, [region], programs=nothing, say=say)


def in_memory(samples: Path) -> dict[str, object]:
    """What stands for images, found from anywhere, with orders in a process's memory."""
    told = json.loads(samples.read_text(encoding="utf-8"))
    for one in told.values():
        one["folders"] = [str(samples.parent / folder) for folder in one["folders"]]
    told[KEEPS_ORDERS]["environment"] = {"ORDERS_IN": "memory"}
    return dict(told)


@contextmanager
def _variables(wanted: dict[str, str]) -> Iterator[None]:
    """Set those that nobody set, for what is started meanwhile."""
    added = [name for name in wanted if name not in os.environ]
    os.environ.update({name: wanted[name] for name in added})
    try:
        yield
    finally:
        for name in added:
            del os.environ[name]
