"""One real Cassandra node that is started by hand, and its backup."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.bare_ring import BareNode, BareRing, bare_ring
from paved_road_bundle.java import find_java
from paved_road_ring_backup.node import NodeBackup
from paved_road_ring_backup.ring_manifest import Part
from paved_road_ring_backup.snapshots import Snapshots
from paved_road_ring_backup.store import Store
from tests.agent.scenes import slot
from tests.backup.stories import PAST
from tests.lab.networks import reserved_network
from tests.lab.software import software


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[BareRing]:
    """Without nodes yet."""
    with (
        reserved_network() as octet,
        bare_ring(tmp_path / "nodes", software(), str(find_java()), octet) as ring,
    ):
        yield ring


def back_up(node: BareNode, store: Store, clock: Callable[[], float]) -> Part:
    """As slot a0 under epoch 1."""
    return NodeBackup(
        past=PAST,
        slot=slot("a0"),
        epoch=1,
        store=store,
        snapshots=Snapshots(node.management, node.folder / "data"),
        memory=node.folder / "backup",
        owns=lambda: True,
        clock=clock,
    ).run()
