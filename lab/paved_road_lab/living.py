"""Regions in which something runs on the lab's instances.

An emulated instance is a record, so nobody would ever complete its lifecycle hooks. Whoever does
run a process per instance announces where; hooks wait in those regions and go on at once elsewhere.
"""

from collections.abc import Iterable

from paved_road_lab.safety import ask
from paved_road_lab.server import LIVING_PATH
from paved_road_lab.state import Lab

REGIONS: set[str] = set()
"""The emulator's own set, meaningful in its process only."""


def announce_living(lab: Lab, regions: Iterable[str]) -> None:
    """From now on hooks wait in exactly these regions. What waits already keeps waiting."""
    ask(lab, LIVING_PATH, {"regions": sorted(regions)})


def living_regions(lab: Lab) -> list[str]:
    """What was announced."""
    return list(ask(lab, LIVING_PATH)["regions"])
