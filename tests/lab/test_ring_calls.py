"""A ring of real nodes forms and backs itself up, and its role is as wide as what they called."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from paved_road_contract.stacks import Kind, stack_name
from paved_road_lab.calls import calls
from paved_road_ring_agent import metric_names
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.metric_names import METRICS
from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.node_manifest import NodeManifest
from paved_road_ring_backup.ring_manifest import RingManifest
from paved_road_ring_backup.snapshots import LEFT_OUT
from paved_road_ring_backup.store import Store
from tests.lab.deployed_estate import paved_road
from tests.lab.grants import ring_faults
from tests.lab.living_ring import DC, FORMING_SECONDS, LivingRing, ring_lab
from tests.lab.ring_logs import logs_kept
from tests.lab.ring_templates import RING
from tests.lab.small_region import ESTATE, REGION
from tests.lab.small_stacks import outputs
from tests.lab.statements import rows
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]

BACKUP_SECONDS = 180
"""A limit: a tick until nodes begin, another until one of them sees that all have ended."""


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingRing]:
    with ring_lab(tmp_path_factory.mktemp("ring")) as made, logs_kept(made, "test_ring_calls"):
        made.start_hosts()
        made.deploy(1)
        made.wait_until_whole(3)
        yield made


@pytest.fixture(scope="module")
def store(ring: LivingRing) -> Store:
    bucket = outputs(ring.cloud, stack_name(ESTATE, REGION, Kind.BACKUP))["BucketName"]
    return Store(ring.client("s3"), bucket)


@pytest.fixture(scope="module")
def whole(ring: LivingRing, store: Store) -> RingManifest:
    """What the agents wrote by themselves."""
    past = Past(ring=RING, data_center=DC, incarnation=ring.birth().incarnation)
    (key, *_) = until(lambda: store.keys(past.sets), BACKUP_SECONDS, every=1.0)
    return RingManifest.from_json(store.get(key) or b"")


def test_agents_back_their_ring_up_whole_by_themselves(
    ring: LivingRing, store: Store, whole: RingManifest
) -> None:
    claims = ring.claims()
    assert {slot: part.run.epoch for slot, part in whole.by_slot().items()} == {
        slot: claim.epoch for slot, claim in claims.items()
    }
    for slot, part in whole.by_slot().items():
        manifest = NodeManifest.from_json(store.get(part.run.manifest) or b"")
        assert (part.facts.token, part.facts.host_id) == (
            ring.birth().token(slot),
            claims[slot].host_id,
        )
        keyspaces = {one.file.path.split("/")[0] for one in manifest.files}
        assert "system_schema" in keyspaces
        assert not keyspaces & LEFT_OUT
        held = set(store.keys(part.run.folder))
        assert held == {*manifest.objects, part.run.manifest, part.run.part}


def asked(ring: LivingRing, command: str) -> dict[str, Any]:
    done = paved_road(
        *("lab", "exec", "--folder", str(ring.folder), "--", "paved-road", "ring", command, RING),
        *("--estate", ESTATE, "--region", REGION, "--json"),
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_people_see_what_is_whole_and_a_purge_spares_what_is_young(
    ring: LivingRing, whole: RingManifest
) -> None:
    found = asked(ring, "backups")
    assert whole.key in {one["key"] for one in found["sets"]}
    assert found["age_seconds"] < BACKUP_SECONDS + FORMING_SECONDS
    purged = asked(ring, "purge")
    assert (purged["deleted"], purged["objects"], purged["locked_days"]) == (False, 0, 0)
    assert whole.key in purged["kept"]


def test_how_backups_stand_is_published_beside_the_other_metrics(
    ring: LivingRing, whole: RingManifest
) -> None:
    assert whole.parts
    metrics = ring.client("cloudwatch")
    wanted = {
        metric_names.BACKUP_AGE,
        metric_names.BACKUP_SLOTS_MISSING,
        metric_names.BACKUP_FAILURES,
    }
    until(
        lambda: (
            wanted
            <= {one["MetricName"] for one in metrics.list_metrics(Namespace=METRICS)["Metrics"]}
        ),
        BACKUP_SECONDS,
        every=1.0,
    )


def test_grants_of_a_rings_nodes_equal_their_calls(ring: LivingRing, whole: RingManifest) -> None:
    assert whole.parts
    # Once the doors are open, one agent looks which services use the ring.
    until(lambda: any("ssm:GetParametersByPath" in one for one in calls(ring.lab).values()))
    assert ring_faults(ring.cloud, REGION, stack_name(ESTATE, REGION, Kind.RING, RING)) == []


def test_no_node_makes_a_materialized_view_and_what_is_dropped_leaves_its_disk(
    ring: LivingRing,
) -> None:
    trust = str(until(ring.vault.trust))
    view = (
        "CREATE MATERIALIZED VIEW paved_road.by_version AS SELECT * FROM paved_road.role_passwords "
        "WHERE version IS NOT NULL AND role IS NOT NULL PRIMARY KEY (version, role)"
    )
    with pytest.raises(NodeSilentError, match="Materialized views are disabled"):
        rows(ring.addresses()[0], trust, ring.vault.superuser(), view)
    for node in ring.nodes():
        written = json.loads((node.layout.configuration / "cassandra.yaml").read_text())
        assert written["auto_snapshot_ttl"] == "1d"
