"""Fetch and pack in one go, the same for whoever needs a bundle."""

from pathlib import Path

from paved_road_bundle.bundle import Bundle
from paved_road_bundle.fetch import Progress, fetch
from paved_road_bundle.lock import Lock
from paved_road_bundle.pack import pack


def build(
    cache: Path,
    *,
    wheels: Path | None = None,
    progress: Progress = lambda _done, _total: None,
) -> Bundle:
    """The bundle of this version of the product; quick when its jars are in the cache."""
    lock = Lock.read()
    fetch(lock, cache / "maven", progress=progress)
    return pack(lock, cache / "maven", cache / "bundles", wheels=wheels)
