"""A living ring of three real nodes whose backup is restored into a scratch ring, and compared."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from paved_road_ring.drills.check import Check
from paved_road_ring.drills.compare import Verdict
from paved_road_ring.drills.result import DrillResult
from paved_road_ring.drills.sessions import session
from paved_road_ring_agent.contract import backup_prefix
from paved_road_ring_agent.metric_names import METRICS
from paved_road_ring_backup.ring_manifest import RingManifest
from tests.backup.rows import CUSTOMERS, EACH, fill
from tests.lab.backed_up import back_up
from tests.lab.clients import Patient, connect
from tests.lab.drilled import (
    DRILL_ROLE,
    DRILL_STACK,
    Untouched,
    a_minute_later,
    copied,
    deploy_drills,
    drill,
    killed_drill,
    scratch,
    untouched,
)
from tests.lab.grants import operator_faults
from tests.lab.living_ring import DC, LivingRing
from tests.lab.small_region import REGION
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.ring]

NODES_PER_RACK = 1
ROWS = CUSTOMERS * (EACH - 10)
SINCE = (
    "UPDATE shop.orders SET state = 'over' WHERE customer = 1 AND number = 50",
    "DELETE FROM shop.orders WHERE customer = 2 AND number = 50",
    "INSERT INTO shop.names (id, name) VALUES (201, 'late')",
    "UPDATE shop.orders SET name = 'over' WHERE customer = 3",
)
"""What the ring does after its backup."""


@pytest.fixture(scope="module")
def manifest(ring: LivingRing) -> RingManifest:
    """Rows of every kind, backed up; and then some are changed."""
    deploy_drills(ring, NODES_PER_RACK)
    assert scratch(ring).left() == []
    with connect(ring.addresses()) as cql:
        fill(Patient(cql), f"'{DC}': 3")
        found = back_up(ring)
        for statement in SINCE:
            Patient(cql).execute(statement)
    return found


@pytest.fixture(scope="module")
def before(ring: LivingRing, manifest: RingManifest) -> Untouched:
    assert manifest
    return untouched(ring)


@pytest.fixture(scope="module")
def found(ring: LivingRing, manifest: RingManifest, before: Untouched) -> DrillResult:
    """Of a drill after one that was killed."""
    assert before
    left = killed_drill(ring)
    assert len(left) == 3
    a_minute_later(ring)
    drilling = drill(ring, keeps=True)
    plan = drilling.plan()
    assert plan.manifest == manifest
    assert list(plan.left) == left
    result = drilling.run(plan)
    assert not {*left} & {*scratch(ring).left()}
    return result


def test_a_drill_says_of_each_table_what_came_back(found: DrillResult) -> None:
    assert found.faults == ()
    tables = {one.table: one for one in found.tables}
    orders = tables["shop.orders"].tally
    assert orders.rows == ROWS
    assert orders.source_rows == ROWS - 1
    assert orders.source_checksum == orders.compared_checksum
    assert orders.verdicts == {
        # A row for each customer's name beside.
        Verdict.SAME: ROWS + CUSTOMERS - 3,
        Verdict.CHANGED_SINCE: 2,
        Verdict.GONE_SINCE: 1,
    }
    assert tables["shop.names"].tally.verdicts == {Verdict.SAME: 20, Verdict.CHANGED_SINCE: 1}
    assert tables["shop.counts"].tally.verdicts == {Verdict.SAME: CUSTOMERS}
    assert tables["shop.never_written"].tally.rows == 0
    assert all(one.compared for one in found.tables)


def test_it_says_how_much_would_be_lost_and_how_long_it_took(found: DrillResult) -> None:
    assert found.recovery_point_seconds == found.began - found.whole_until
    assert found.recovery_seconds
    assert found.recovery_seconds <= found.ended - found.began + 1
    assert {*found.seconds} == {"restored", "first read", "compared"}


def test_its_result_is_stored_and_is_the_alarms_input(ring: LivingRing, found: DrillResult) -> None:
    stored = ring.client("s3").get_object(Bucket=ring.live.backup_bucket(), Key=found.key)
    assert json.loads(stored["Body"].read())["passed"] is True
    assert published(ring, "DrillPassed") == [1.0]
    assert published(ring, "DrillRecoveryTimeSeconds") == [found.recovery_seconds]


def test_the_living_ring_is_as_it_was(
    ring: LivingRing, before: Untouched, found: DrillResult
) -> None:
    assert found
    after = untouched(ring)
    assert (after.birth, after.holders, after.hidden) == (before.birth, before.holders, 0)
    # It goes on shipping its commit logs; nothing else of it is new, and nothing is gone.
    assert before.versions <= after.versions
    added = {key for key, *_ in after.versions - before.versions}
    assert all(key.startswith(backup_prefix("orders")) and "/logs/" in key for key in added)
    assert ring.survey().whole


def test_a_row_that_did_not_come_back_is_found_in_its_table(
    ring: LivingRing, manifest: RingManifest, found: DrillResult
) -> None:
    assert found
    with session(scratch(ring).ring) as restored, session(ring.live) as source:
        restored.execute("DELETE FROM shop.names WHERE id = 5")
        (row,) = source.execute("SELECT writetime(name) AS at FROM shop.names WHERE id = 6")
        # The greater of two values of one moment wins.
        statement = "INSERT INTO shop.names (id, name) VALUES (6, 'other') USING TIMESTAMP %s"
        restored.execute(statement, [row.at])
        check = Check(
            restored=restored,
            source=source,
            keyspaces=["shop"],
            sizes={},
            moment=manifest.whole_until * 1_000_000,
            percent=100,
            seed="",
            beat=lambda: None,
        )
        tables = {one.table: one for one in check.run()}
    assert tables["shop.names"].fault == "2 rows are not as they were"
    assert tables["shop.names"].tally.verdicts[Verdict.LOST] == 1
    assert tables["shop.names"].tally.verdicts[Verdict.DIFFERS] == 1
    assert not [one for one in tables.values() if one.fault and one.table != "shop.names"]


def test_an_object_that_is_missing_fails_the_next_drill_which_ends_what_was_kept(
    ring: LivingRing, found: DrillResult
) -> None:
    kept = scratch(ring).left()
    assert len(kept) == 3
    drilling = drill(ring, bucket="acme-copies", fault_seconds=0.0)
    plan = drill(ring).plan()
    missing = next(
        one.key
        for fill in plan.restore.fills.values()
        for one in fill.files
        if one.file.path.startswith("shop/orders-") and one.file.path.endswith("-Data.db")
    )
    copied(ring, "acme-copies", without=missing)
    result = drilling.run(drilling.plan())
    (fault,) = result.faults
    assert missing in fault
    assert "(of shop.orders)" in fault
    assert result.recovery_seconds is None
    assert published(ring, "DrillPassed") == [0.0]
    assert scratch(ring).left() == []
    until(lambda: len(ring.nodes()) == 3)
    assert result.manifest == found.manifest


def test_the_role_of_drills_is_as_wide_as_what_they_did(
    ring: LivingRing, found: DrillResult
) -> None:
    assert found
    not_called = (
        # A group of the lab lets all go at a smaller size, those that are still launched too.
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        # S3 calls it for who stores the result.
        "kms:GenerateDataKey",
    )
    assert operator_faults(ring.cloud, REGION, DRILL_STACK, DRILL_ROLE, *not_called) == []


def published(ring: LivingRing, name: str) -> list[float]:
    """The last one, of the ring that is drilled."""
    now = datetime.fromtimestamp(time.time(), UTC)
    dimensions = {"Estate": "acme", "Ring": "orders", "DataCenter": DC}
    answer = ring.client("cloudwatch").get_metric_statistics(
        Namespace=METRICS,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=1,
        Statistics=["Minimum"],
    )
    points = sorted(answer["Datapoints"], key=lambda one: one["Timestamp"])
    return [one["Minimum"] for one in points][-1:]
