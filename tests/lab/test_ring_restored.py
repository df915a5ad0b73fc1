"""Three real nodes that are destroyed with their disks, and come back from their backup."""

from pathlib import Path
from typing import Any

import pytest
from cassandra import ConsistencyLevel

from paved_road_contract.stacks import Kind, stack_name
from paved_road_ring.backups import RingBackups
from paved_road_ring.schema import State, read
from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.operators import purge_role, restore_role
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.retention import Keep
from tests.backup.rows import contents
from tests.lab.backed_up import back_up, corrupt, store_of
from tests.lab.clients import Patient, connect
from tests.lab.destroyed import (
    RESTORING_SECONDS,
    Before,
    filled,
    owner,
    planned,
    restoring,
    trust,
)
from tests.lab.grants import operator_faults
from tests.lab.living_ring import LivingRing
from tests.lab.operators import seen_by
from tests.lab.orders_schema import table_ids, write_schema
from tests.lab.ring_templates import RING
from tests.lab.small_region import ESTATE, REGION
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]

NODES_PER_RACK = 1


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schema")
    write_schema(folder)
    return folder


@pytest.fixture(scope="module")
def before(ring: LivingRing, schema: Path) -> Before:
    return filled(ring, schema)


def test_a_ring_that_lives_is_never_overwritten(ring: LivingRing, before: Before) -> None:
    with pytest.raises(RestoreRefusedError, match="the ring lives: 3 of its instances"):
        restoring(ring).plan(key=before.manifest.key)


def test_a_ring_that_was_destroyed_comes_back_with_every_row(
    ring: LivingRing, before: Before
) -> None:
    ring.terminate(*ring.nodes())
    plan = until(lambda: planned(ring), 180)
    assert plan.plan.manifest == before.manifest
    assert len(plan.lost) == 3
    assert ring.birth().incarnation == before.incarnation

    bad = before.manifest.by_slot()[max(before.manifest.by_slot())]
    key = plan.plan.fills[bad.run.slot].files[-1].key
    with corrupt(ring, key):
        restoring(ring).begin(plan)
        until(lambda: any(f"cannot go on: {key} is corrupt" in one for one in said(ring)), 240)
        # One that is filled loses power, one is lost with its disk: nothing started on either.
        until(lambda: len(waiting(ring)) == 2)
        first, second = (ring.holder(slot) for slot in waiting(ring))
        assert all(node.cassandra is None for node in ring.nodes())
        ring.power_cut(first)
        ring.terminate(second)
        until(lambda: second.instance not in {c.instance for c in ring.claims().values()}, 240)
        assert all(node.cassandra is None for node in ring.nodes())
        again = restoring(ring).plan()
        assert again.begun

    ring.wait_until_whole(3, RESTORING_SECONDS)
    claims, birth = ring.claims(), ring.birth()
    assert birth.origin == before.manifest.key
    assert birth.incarnation != before.incarnation
    assert sorted(claim.epoch for claim in claims.values()) == [2, 2, 3]
    assert all(claim.repaired and not claim.fault for claim in claims.values())
    for address in ring.addresses():
        with connect([address], only=True) as session:
            for level in (ConsistencyLevel.LOCAL_QUORUM, ConsistencyLevel.ALL):
                assert contents(Patient(session, level)) == before.rows


def test_its_schema_goes_on_where_the_backup_was(
    ring: LivingRing, before: Before, schema: Path
) -> None:
    assert table_ids(ring, trust(ring)) == before.tables
    assert {step.state for step in owner(ring).status(read(schema))} == {State.APPLIED}
    (schema / "0003_late.cql").write_text("ALTER TABLE orders.lines ADD IF NOT EXISTS late text;")
    (applied,) = owner(ring).apply(read(schema))
    assert applied.file.name == "0003_late.cql"


def test_its_next_backup_is_of_a_life_of_its_own_and_builds_on_the_one_before(
    ring: LivingRing, before: Before
) -> None:
    found, store = back_up(ring), store_of(ring)
    assert found.past.incarnation == ring.birth().incarnation
    assert found.past != before.manifest.past
    for part in found.parts:
        files = NodeManifest.from_json(store.get(part.run.manifest) or b"").files
        assert any(one.run.past == before.manifest.past for one in files)
    assert ring.survey().whole


def test_roles_of_people_are_as_wide_as_what_they_did(ring: LivingRing, before: Before) -> None:
    stack = stack_name(ESTATE, REGION, Kind.RING, RING)
    restores, purges = (does(ESTATE, REGION, RING) for does in (restore_role, purge_role))
    purge = RingBackups(seen_by(ring, purges)).purge(Keep(hourly=0, daily=0, weekly=0))
    assert before.manifest.key in purge.kept_sets
    assert operator_faults(ring.cloud, REGION, stack, restores) == []
    assert operator_faults(ring.cloud, REGION, stack, purges, "s3:DeleteObject") == []


def waiting(ring: LivingRing) -> list[Any]:
    return sorted(slot for slot, claim in ring.claims().items() if claim.phase is Phase.FILLED)


def said(ring: LivingRing) -> tuple[str, ...]:
    return ring.survey().disagreements
