"""A ring whose region is lost with its backups, and a region that has copies of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from paved_road_ring.restoring import Planned
from tests.lab.copies import copy_all, lose_bucket
from tests.lab.destroyed import RESTORING_SECONDS, planned, restoring
from tests.lab.formed import formed_ring, let_in
from tests.lab.living_ring import LivingRing
from tests.lab.networks import reserved_network
from tests.lab.small_region import REGION
from tests.waiting import until

WEST, LOST = "us-west-2", f"{REGION}-g1"

Regions = tuple[LivingRing, LivingRing]
"""What is lost, and what it comes back in."""


@contextmanager
def two_regions(folder: Path, per_rack: int, name: str) -> Iterator[Regions]:
    """A ring that has formed in one region of a lab; in another one there is nothing yet."""
    with formed_ring(folder, per_rack, name) as east, reserved_network() as octet:
        yield east, LivingRing(east.folder, octet, WEST)


def lose(regions: Regions, per_rack: int, at: int) -> Planned:
    """The east is gone, and so is its bucket; the west has copies, and nodes that wait."""
    east, west = regions
    west.start_hosts()
    west.deploy(per_rack, REGION)
    east.terminate(*east.nodes())
    until(lambda: not east.nodes())
    assert copy_all(east, west) > 0
    lose_bucket(east)
    until(lambda: len(west.nodes()) == 3 * per_rack)
    until(lambda: all("`paved-road ring restore`" in one.decided() for one in west.nodes()))
    assert west.table().birth() is None
    found = until(lambda: planned(west, at, LOST), 180)
    assert isinstance(found, Planned)
    return found


def bring_back(west: LivingRing, plan: Planned, per_rack: int, name: str) -> None:
    """The plan is carried out, and clients have the keys of the ring that came of it."""
    restoring(west, LOST).begin(plan)
    assert restoring(west, LOST).plan(at=plan.at).begun
    let_in(west, per_rack, name, RESTORING_SECONDS)
