"""Three real nodes whose agents ship their logs: destroyed, and back as they were at one second."""

import time
from typing import Any

import pytest
from cassandra import ConsistencyLevel

from paved_road_ring_backup.log_keys import Kind, Piece
from paved_road_ring_backup.log_store import all_pieces
from tests.backup.rows import contents, fill
from tests.lab.backed_up import back_up, past_of, store_of
from tests.lab.clients import Patient, connect
from tests.lab.destroyed import RESTORING_SECONDS, planned, restoring
from tests.lab.living_ring import DC, LivingRing
from tests.waiting import until

pytestmark = pytest.mark.torture

NODES_PER_RACK = 1
SHIPPING_SECONDS = 120


def change(cql: Any, name: str) -> None:
    """Rows made, changed, deleted and counted."""
    cql.execute(f"INSERT INTO shop.names (id, name) VALUES (200, '{name}')")  # noqa: S608 - ours
    cql.execute(f"UPDATE shop.orders SET name = '{name}' WHERE customer = 4")  # noqa: S608 - ours
    for number in range(200):
        cql.execute("DELETE FROM shop.orders WHERE customer = 3 AND number = %s", [number])
        cql.execute("INSERT INTO shop.never_written (id) VALUES (%s)", [number + len(name)])
    cql.execute("UPDATE shop.counts SET seen = seen + 100 WHERE id = 3")


def shipped(ring: LivingRing) -> list[list[Piece]]:
    """Of the ring's present life, by slot."""
    return list(all_pieces(store_of(ring), past_of(ring)).values())


def reaches(ring: LivingRing, moment: int) -> bool:
    """Whether every slot's logs have all that was written before that moment."""
    found = shipped(ring)
    return len(found) == 3 and all(
        max((one.moment for one in pieces if not one.following), default=0) >= moment
        for pieces in found
    )


def test_a_ring_comes_back_as_it_was_at_a_second_between_two_writes(ring: LivingRing) -> None:
    with connect(ring.addresses()) as session:
        cql = Patient(session)
        fill(cql, f"'{DC}': 3")
        manifest = back_up(ring)
        until(lambda: time.time() > manifest.settled)
        change(cql, "right")
        rows = contents(cql)
        at = int(time.time()) + 1
        until(lambda: time.time() > at + 0.001)
        change(cql, "wrong")
        assert contents(cql) != rows
    until(lambda: reaches(ring, at), SHIPPING_SECONDS, every=1.0)

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
