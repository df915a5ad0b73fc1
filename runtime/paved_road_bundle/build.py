"""Fetch and pack in one go, the same for whoever needs a bundle."""

from collections.abc import Callable
from pathlib import Path

from paved_road_bundle.bundle import Bundle
from paved_road_bundle.contents import Contents
from paved_road_bundle.fetch import Progress, fetch
from paved_road_bundle.lock import Lock
from paved_road_bundle.pack import pack
from paved_road_bundle.wheel_tools import fetch_wheels
from paved_road_bundle.wheels import WheelLock


def build(
    cache: Path,
    *,
    progress: Progress = lambda _done, _total: None,
    say: Callable[[str], None] = lambda _: None,
) -> Bundle:
    """The bundle of this version of the product; quick when all it needs is in the cache."""
    jars, wheels = Lock.read(), WheelLock.read()
    fetch(jars, cache / "maven", progress=progress)
    fetch_wheels(wheels, cache / "wheels", say=say)
    return pack(Contents.of(jars, wheels), cache, cache / "bundles")
