"""Racks that double while clients write: three real nodes become six."""

import pytest
from cassandra import ConsistencyLevel

from tests.lab.clients import make_table, missing, writing
from tests.lab.living_ring import LivingRing
from tests.waiting import until

pytestmark = pytest.mark.torture

NODES_PER_RACK = 1
GROWING_SECONDS = 900


def test_a_ring_doubles_under_writes_and_its_old_nodes_give_up_what_they_gave_away(
    ring: LivingRing,
) -> None:
    make_table(ring.addresses())
    old = {node.instance: ring.slot_of(node) for node in ring.nodes()}
    with writing(ring.addresses()) as writer:
        until(lambda: len(writer.acknowledged) > 500)
        ring.grow(2)
        ring.wait_until_whole(6, GROWING_SECONDS)
        so_far = len(writer.acknowledged)
        until(lambda: len(writer.acknowledged) > so_far + 100)
    claims = ring.claims()
    assert {claims[slot].instance for slot in old.values()} == set(old)
    assert {claim.epoch for claim in claims.values()} == {1}
    for coordinator in ring.addresses():
        for level in (ConsistencyLevel.LOCAL_QUORUM, ConsistencyLevel.ALL):
            assert missing(coordinator, writer.acknowledged, level) == []
    until(lambda: all(ring.claims()[slot].cleaned == 2 for slot in old.values()), GROWING_SECONDS)
    for coordinator in ring.addresses():
        assert missing(coordinator, writer.acknowledged, ConsistencyLevel.ALL) == []
    cleaned = {
        node.instance
        for node in ring.nodes()
        if any(line.startswith("CleanUp:") for line in node.said())
    }
    assert cleaned == set(old)
