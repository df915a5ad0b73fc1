"""Three real nodes whose region is lost with its backups: the ring comes back in another region."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from cassandra import ConsistencyLevel

from paved_road_contract.stacks import Kind, stack_name
from paved_road_ring.restoring import Planned
from paved_road_ring_agent.operators import restore_role
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.snapshots import LEFT_OUT
from tests.backup.rows import contents
from tests.lab.backed_up import back_up
from tests.lab.clients import Patient, connect
from tests.lab.grants import operator_faults, ring_faults
from tests.lab.living_ring import LivingRing
from tests.lab.lost_region import LOST, WEST, Regions, bring_back, lose, two_regions
from tests.lab.ring_templates import RING
from tests.lab.shipped_logs import written_around_a_second
from tests.lab.small_region import ESTATE

pytestmark = [pytest.mark.slow, pytest.mark.ring]

NAME = "test_ring_restored_elsewhere"


@dataclass(frozen=True)
class Before:
    """What was acknowledged until the moment `at`, some of it since the backup."""

    rows: dict[str, Any]
    manifest: RingManifest
    at: int


@pytest.fixture(scope="module")
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    """A ring of three nodes in one of them."""
    with two_regions(tmp_path_factory.mktemp("ring"), 1, NAME) as both:
        yield both


@pytest.fixture(scope="module")
def before(regions: Regions) -> Before:
    """Written in the east, backed up, logs shipped since; then written once more."""
    east, _ = regions
    manifest, rows, at = written_around_a_second(east)
    return Before(rows, manifest, at)


@pytest.fixture(scope="module")
def plan(regions: Regions, before: Before) -> Planned:
    """The region is lost; what the other one can do about it."""
    return lose(regions, 1, before.at)


@pytest.fixture(scope="module")
def ring(regions: Regions, plan: Planned) -> LivingRing:
    """It has come back."""
    _, west = regions
    bring_back(west, plan, 1, NAME)
    return west


def test_a_ring_of_another_region_is_planned_from_copies(plan: Planned, before: Before) -> None:
    assert plan.plan.manifest == before.manifest
    assert plan.logged > 0
    assert (plan.target.came_from, plan.target.data_center) == (LOST, f"{WEST}-g1")
    assert f"{WEST}-replica" in plan.bucket


def test_every_row_is_read_through_every_node_in_the_other_region(
    ring: LivingRing, before: Before
) -> None:
    birth = ring.birth()
    assert (birth.came_from, birth.moved, birth.at) == (LOST, True, before.at)
    for slot, part in zip(birth.slots(ring.data_center), before.manifest.parts, strict=True):
        assert birth.token(slot) == part.facts.token
    for address in ring.addresses():
        with connect([address], only=True) as session:
            for level in (ConsistencyLevel.LOCAL_QUORUM, ConsistencyLevel.ALL):
                assert contents(Patient(session, level)) == before.rows


def test_no_keyspace_names_the_lost_data_center_and_passwords_are_asked(ring: LivingRing) -> None:
    with connect(ring.addresses()) as session:
        cql = Patient(session)
        found = cql.execute("SELECT keyspace_name, replication FROM system_schema.keyspaces")
        spread = {row.keyspace_name: dict(row.replication) for row in found}
        assert LEFT_OUT - {"system"} <= spread.keys()
        assert not [name for name, options in spread.items() if LOST in options]
        for name in ("shop", "paved_road", "system_auth", "system_distributed", "system_traces"):
            assert spread[name][ring.data_center] == "3"
        roles = {row.role for row in cql.execute("SELECT role FROM system_auth.roles")}
        assert roles == {ring.vault.superuser().username}
    for node in ring.nodes():
        written = (node.layout.configuration / "cassandra.yaml").read_text()
        assert '"authenticator": "PasswordAuthenticator"' in written


def test_it_is_backed_up_here_whole_from_then_on(ring: LivingRing) -> None:
    found = back_up(ring)
    assert found.past.data_center == ring.data_center
    assert ring.survey().whole


def test_nodes_and_who_restores_are_granted_what_they_called(ring: LivingRing) -> None:
    stack = stack_name(ESTATE, WEST, Kind.RING, RING)
    assert ring_faults(ring.cloud, WEST, stack) == []
    replaces = "autoscaling:TerminateInstanceInAutoScalingGroup"
    role = restore_role(ESTATE, WEST, RING)
    assert operator_faults(ring.cloud, WEST, stack, role, replaces) == []
