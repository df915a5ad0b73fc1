"""Three real nodes whose agents ship their logs: destroyed, and back as they were at one second."""

import pytest
from cassandra import ConsistencyLevel

from paved_road_ring_backup.log_keys import Kind
from tests.backup.rows import contents
from tests.lab.clients import Patient, connect
from tests.lab.destroyed import RESTORING_SECONDS, planned, restoring
from tests.lab.living_ring import LivingRing
from tests.lab.shipped_logs import SHIPPING_SECONDS, reaches, shipped, written_around_a_second
from tests.waiting import until

pytestmark = pytest.mark.torture

NODES_PER_RACK = 1


def test_a_ring_comes_back_as_it_was_at_a_second_between_two_writes(ring: LivingRing) -> None:
    manifest, rows, at = written_around_a_second(ring)

    ring.terminate(*ring.nodes())
    plan = until(lambda: planned(ring, at), 180)
    assert plan.plan.manifest == manifest
    assert plan.logged > 0
    restoring(ring).begin(plan)
    ring.wait_until_whole(3, RESTORING_SECONDS)
    assert (ring.birth().origin, ring.birth().at) == (manifest.key, at)
    for address in ring.addresses():
        with connect([address], only=True) as session:
            for level in (ConsistencyLevel.LOCAL_QUORUM, ConsistencyLevel.ALL):
                assert contents(Patient(session, level)) == rows

    # It goes on being shipped, and nothing of what was replayed counts as new.
    until(lambda: reaches(ring, int(at)), SHIPPING_SECONDS, every=1.0)
    own = [one for pieces in shipped(ring) for one in pieces if one.kind is Kind.SEGMENT]
    assert own
    assert all(one.segment > at * 1_000 for one in own)
    for node in ring.nodes():
        assert not node.layout.restored_logs.exists()
