"""A ring that was destroyed comes back twice as large as its backup, and its table is lost too."""

from pathlib import Path

import pytest
from cassandra import ConsistencyLevel

from tests.backup.rows import contents
from tests.lab.clients import Patient, connect
from tests.lab.destroyed import RESTORING_SECONDS, Before, filled, planned, restoring
from tests.lab.living_ring import LivingRing
from tests.lab.orders_schema import write_schema
from tests.lab.slot_table import take_all
from tests.waiting import until

pytestmark = pytest.mark.torture

NODES_PER_RACK = 1


@pytest.fixture
def before(ring: LivingRing, tmp_path: Path) -> Before:
    write_schema(tmp_path)
    return filled(ring, tmp_path)


def test_a_ring_twice_as_large_comes_back_too_though_its_table_is_lost(
    ring: LivingRing, before: Before
) -> None:
    """Each new slot has its parent's files, and lets go what is not its own."""
    ring.terminate(*ring.nodes())
    assert take_all(ring)
    ring.grow(2)
    plan = until(lambda: planned(ring), 180)
    sources = {slot.index: fill.source.index for slot, fill in plan.plan.fills.items()}
    assert sources == {0: 0, 1: 0}
    restoring(ring).begin(plan)
    ring.wait_until_whole(6, RESTORING_SECONDS)
    assert {claim.epoch for claim in ring.claims().values()} == {1}
    assert ring.birth().founding == 2
    until(lambda: {claim.cleaned for claim in ring.claims().values()} == {2}, RESTORING_SECONDS)
    for address in ring.addresses():
        with connect([address], only=True) as session:
            assert contents(Patient(session, ConsistencyLevel.ALL)) == before.rows
