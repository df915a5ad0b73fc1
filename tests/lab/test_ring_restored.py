"""Three real nodes that are destroyed with their disks, and come back from their backup."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cassandra import ConsistencyLevel

from paved_road_contract.stacks import Kind, stack_name
from paved_road_ring.backups import RingBackups
from paved_road_ring.restoring import Planned, Restoring
from paved_road_ring.schema import State, read
from paved_road_ring.schema_owner import SchemaOwner
from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.operators import purge_role, restore_role
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.retention import Keep
from paved_road_ring_backup.ring_manifest import RingManifest
from tests.backup.rows import add, contents, fill
from tests.lab.backed_up import back_up, corrupt, sets, store_of
from tests.lab.clients import Patient, connect
from tests.lab.grants import operator_faults
from tests.lab.living_ring import DC, LivingRing
from tests.lab.operators import seen_by
from tests.lab.orders_schema import table_ids, write_schema
from tests.lab.ring_templates import ESTATE, REGION, RING
from tests.lab.slot_table import take_all
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]

NODES_PER_RACK = 1
RESTORING_SECONDS, BACKUP_SECONDS = 600, 300


@dataclass(frozen=True)
class Before:
    """What was acknowledged before the backup, and by which names the ring knew it."""

    rows: dict[str, Any]
    tables: set[str]
    manifest: RingManifest
    incarnation: str


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("schema")
    write_schema(folder)
    return folder


@pytest.fixture(scope="module")
def before(ring: LivingRing, schema: Path) -> Before:
    # Agents' own comes first, before the schema changes, and they do not begin again for a while.
    until(lambda: sets(ring), BACKUP_SECONDS, every=1.0)
    owner(ring).apply(read(schema))
    with connect(ring.addresses()) as session:
        cql = Patient(session)
        fill(cql, f"'{DC}': 3")
        rows = contents(cql)
        manifest = back_up(ring)
        add(cql)
        assert contents(cql) != rows
    return Before(rows, table_ids(ring, trust(ring)), manifest, ring.birth().incarnation)


def owner(ring: LivingRing) -> SchemaOwner:
    return SchemaOwner(ring=ring.live, say=lambda _: None)


def trust(ring: LivingRing) -> str:
    found = ring.vault.trust()
    assert found
    return found


def restoring(ring: LivingRing) -> Restoring:
    """In the role that there is for it."""
    return Restoring(ring=seen_by(ring, restore_role(ESTATE, REGION, RING)))


def planned(ring: LivingRing) -> Planned | None:
    """Once nothing of the ring lives by anybody's word."""
    try:
        return restoring(ring).plan()
    except RestoreRefusedError:
        return None


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
        filled = until(lambda: [s for s, c in ring.claims().items() if c.phase is Phase.FILLED])
        # One that is filled loses power, one is lost with its disk: nothing started on either.
        until(lambda: len(waiting(ring)) == 2)
        first, second = (ring.holder(slot) for slot in waiting(ring))
        assert all(node.cassandra is None for node in ring.nodes())
        ring.power_cut(first)
        ring.terminate(second)
        until(lambda: second.instance not in {c.instance for c in ring.claims().values()}, 240)
        assert filled
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
    until(lambda: sets(ring), BACKUP_SECONDS, every=1.0)


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


def waiting(ring: LivingRing) -> list[Any]:
    return sorted(slot for slot, claim in ring.claims().items() if claim.phase is Phase.FILLED)


def said(ring: LivingRing) -> tuple[str, ...]:
    return ring.survey().disagreements
