"""Six nodes and a hundred thousand rows: destroyed twice, and back with all of them."""

import time

import pytest

from paved_road_lab.trial import Writer
from paved_road_ring.backing_up import BackingUp
from paved_road_ring.backups import RingBackups
from paved_road_ring_agent.facts import Phase
from paved_road_ring_backup.keys import Run
from paved_road_ring_backup.retention import DAY, Keep
from paved_road_ring_backup.ring_manifest import RingManifest
from tests.lab.backed_up import back_up, past_of, store_of
from tests.lab.clients import Patient, connect
from tests.lab.destroyed import RESTORING_SECONDS, planned, restoring
from tests.lab.living_ring import LivingRing
from tests.lab.many_rows import fill_many, late, late_writing, moment_now, seen
from tests.lab.shipped_logs import SHIPPING_SECONDS, reaches
from tests.waiting import until

pytestmark = pytest.mark.torture

NODES = 6
LONG_SECONDS = 60 * DAY
"""Longer than a run may take and any lock holds."""

NOTHING_OLD = Keep(hourly=0, daily=0, weekly=0)


@pytest.fixture
def old(ring: LivingRing) -> RingManifest:
    """A backup from before the rows, so that the next one has all of them to send."""
    return back_up(ring)


@pytest.fixture
def full(ring: LivingRing, old: RingManifest) -> LivingRing:
    assert old.parts
    with connect(ring.addresses()) as session:
        fill_many(session)
    return ring


def test_a_hundred_thousand_rows_come_back_as_they_were_and_once_more_from_the_next_backup(
    full: LivingRing, old: RingManifest
) -> None:
    ring = full
    with late_writing(ring.addresses()) as writer:
        manifest = backed_up_though_a_node_is_lost(ring, writer)
        until(lambda: time.time() > manifest.settled)
        purge_all_but(ring, manifest, old)
        moment = moment_now(ring.addresses()[0], writer)
    spoil(ring)
    assert seen(ring.addresses()[0]) != moment.rows
    until(lambda: reaches(ring, moment.at, NODES), SHIPPING_SECONDS, every=1.0)

    destroy_and_restore(ring, manifest, moment.at)
    moment.is_back(ring.addresses()[::3])
    found = late(ring.addresses()[0])

    again = back_up(ring)
    assert again.past != manifest.past
    destroy_and_restore(ring, again)
    moment.is_back(ring.addresses()[:1])
    assert late(ring.addresses()[0]) == found


def backed_up_though_a_node_is_lost(ring: LivingRing, writer: Writer) -> RingManifest:
    """One that writes its part loses its processes."""
    until(lambda: len(writer.acknowledged) > 500)
    backing_up = BackingUp(ring=ring.live, say=lambda _: None)
    store, past = store_of(ring), past_of(ring)
    slot, claim = next(iter(ring.claims().items()))
    runs = past.owner_prefix(slot, claim.epoch)
    wish = backing_up.ask()
    until(lambda: Run.of(store.folders(runs)[-1]).moment >= wish.moment, every=0.02)
    half = store.newest_part(past, slot, claim.epoch, wish.moment) is None
    ring.power_cut(ring.holder(slot))
    assert half, "it was done already: nobody was in the middle of it"
    return backing_up.wait(wish, 600)


def purge_all_but(ring: LivingRing, manifest: RingManifest, old: RingManifest) -> None:
    """As it will be when all that is there is old: nothing runs now, so nothing needs a week."""
    backups = RingBackups(ring.live, clock=lambda: time.time() + LONG_SECONDS)
    purge = backups.purge(NOTHING_OLD)
    assert purge.kept_sets == {manifest.key}
    assert old.key in purge.dropped_sets
    assert backups.carry_out(purge) > len(purge.dropped_sets)
    assert backups.purge(NOTHING_OLD).deletions() == []


def spoil(ring: LivingRing) -> None:
    """What must not come back, and what must."""
    with connect(ring.addresses()) as session:
        cql = Patient(session)
        for customer in range(1_001, 1_200, 7):
            cql.execute(f"DELETE FROM shop.orders WHERE customer = {customer}")  # noqa: S608 - ours
            cql.execute(f"UPDATE shop.orders SET name = 'wrong' WHERE customer = {customer + 1}")  # noqa: S608 - ours
        cql.execute("TRUNCATE shop.names")


def destroy_and_restore(ring: LivingRing, manifest: RingManifest, at: int = 0) -> None:
    """All instances with their disks; one more while its successor fills."""
    ring.terminate(*ring.nodes())
    plan = until(lambda: planned(ring, at), 180)
    assert plan.plan.manifest == manifest
    restoring(ring).begin(plan)
    filling = until(
        lambda: [s for s, claim in ring.claims().items() if claim.phase is Phase.FILLING], 240, 0.05
    )
    ring.terminate(ring.holder(filling[0]))
    ring.wait_until_whole(NODES, RESTORING_SECONDS)
    assert (ring.birth().origin, ring.birth().at) == (manifest.key, at)
