"""A ring of real nodes that has formed, and whose keys its clients have."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.clients import hold_keys
from tests.lab.living_ring import FORMING_SECONDS, LivingRing, ring_lab
from tests.lab.ring_logs import logs_kept
from tests.waiting import until


@contextmanager
def formed_ring(folder: Path, per_rack: int, name: str) -> Iterator[LivingRing]:
    """In a lab of its own, for the test `name`; so many nodes in each of three racks."""
    with ring_lab(folder) as living:
        living.start_hosts()
        living.deploy(per_rack)
        let_in(living, per_rack, name)
        yield living


def let_in(ring: LivingRing, per_rack: int, name: str, seconds: float = FORMING_SECONDS) -> None:
    """Once it is whole, clients can get in."""
    with logs_kept(ring, name):
        ring.wait_until_whole(3 * per_rack, seconds)
    until(ring.vault.trust)
    hold_keys(ring)
