"""What a process starts with that the hosts' daemon keeps beside the emulator."""

import argparse
import logging
import os
from collections.abc import Callable
from pathlib import Path

from paved_road_lab.lifecycle import require
from paved_road_lab.state import Lab


def begin(program: str, does: str | None) -> tuple[Lab, list[str]]:
    """The lab and the regions that its command line names; from now on its log is written."""
    parser = argparse.ArgumentParser(prog=program, description=does)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--regions", required=True, help="Separated by commas.")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    return require(options.folder), options.regions.split(",")


def starter_lives() -> Callable[[], bool]:
    """Whether whoever started this process still runs: who lost its parent has another one."""
    parent = os.getppid()
    return lambda: os.getppid() == parent
