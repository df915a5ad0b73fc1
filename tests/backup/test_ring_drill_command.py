"""`paved-road ring drill` with stand-ins for nodes: what it says, begins, stores and ends."""

import json
from typing import Any

import pytest

from paved_road_cli import ring_drill
from paved_road_contract.drills import drill_lease
from paved_road_contract.stacks import Kind
from paved_road_ring.drills import drill as drills
from paved_road_ring.drills import sessions as sessions_module
from paved_road_ring.drills.plan import MARGIN_SECONDS
from paved_road_ring.drills.turn import TurnLostError
from paved_road_ring.live import LiveRing
from paved_road_ring_agent.facts import Lease
from paved_road_ring_agent.software import Wanted
from paved_road_ring_agent.table import Table
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.store import Store
from tests.agent.scenes import BIRTH, DC
from tests.backup.drilling import SCRATCH, Groups, Sessions, a_drill, drilled, published
from tests.backup.small_node import SmallNode
from tests.backup.standing import (
    REGION,
    WHERE,
    bucket,
    paved_road,
    slot_table,
    stack,
    table,
)
from tests.backup.stories import HOUR, NOON, PAST
from tests.backup.test_purging import a_day, nodes

__all__ = ["bucket", "nodes", "table"]
TABLE = "orders-6f3c"
OLD = NOON - MARGIN_SECONDS - 1


@pytest.fixture
def groups(table: Table, nodes: dict[str, SmallNode], bucket: Store, monkeypatch: Any) -> Groups:
    """A ring that lives and was backed up at noon, and its scratch ring, which is empty."""
    assert table.give_birth(BIRTH)
    a_day(nodes, bucket, 0)
    stack(Kind.RING, SCRATCH, DataCenter=DC, SlotTableName="scratch", DrillsOf="orders")
    found = Groups(slot_table(REGION, "scratch", DC))
    wanted = Wanted(cassandra="5.0.9", key="bundles/1.tar", sha256=64 * "0")
    monkeypatch.setattr(LiveRing, "wanted", lambda _: wanted)
    monkeypatch.setattr(ring_drill, "live_ring", lambda *_: drilled(found))
    return found


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Sessions:
    """Both rings have three rows."""
    rows = {1: OLD, 2: OLD, 3: OLD}
    found = Sessions(source=dict(rows), restored=dict(rows), table=TABLE)
    for module in (drills, sessions_module):
        monkeypatch.setattr(module, "session", found.session)
    return found


def test_a_dry_run_says_what_it_would_take_and_begins_nothing(
    groups: Groups, bucket: Store
) -> None:
    before = bucket.keys("")
    told = paved_road("drill", *WHERE, "--dry-run")
    assert told.exit_code == 0, told.output
    assert "into 6 instances of i8g.2xlarge, 4.12 USD for each hour" in told.output
    assert "12 objects" in told.output
    assert "100% of 1 tables with rows" in told.output
    assert (groups.sizes, groups.table.birth(), bucket.keys("")) == ([], None, before)
    facts = json.loads(paved_road("drill", *WHERE, "--dry-run", "--json").output)["drill"]
    assert facts["manifest"] == PAST.set_key(NOON + 60)
    assert facts["compared_until"] == NOON - MARGIN_SECONDS


def test_a_drill_restores_compares_stores_publishes_and_ends(
    groups: Groups, sessions: Sessions, bucket: Store, table: Table
) -> None:
    sessions.source[4] = NOON + HOUR
    told = paved_road("drill", *WHERE, "--json")
    assert told.exit_code == 0, told.output
    result = json.loads(told.stdout)["drill"]
    birth = groups.table.birth()
    assert birth is not None
    assert (birth.origin, birth.bucket) == (PAST.set_key(NOON + 60), bucket.bucket)
    assert birth.incarnation not in {"", BIRTH.incarnation}
    assert groups.sizes == [0, 0, 0, 2, 2, 2, 0, 0, 0]
    assert not any(groups.members.values())
    (of_table,) = result["tables"]
    assert of_table["verdicts"] == {"same": 3, "changed since": 1}
    assert of_table["source_checksum"] == of_table["compared_checksum"]
    (key,) = bucket.keys("drills/")
    assert key.startswith(f"drills/orders/{DC}/")
    assert json.loads(bucket.get(key) or b"") == result
    assert published("DrillPassed") == [1.0]
    assert published("DrillRecoveryPointSeconds") == [result["recovery_point_seconds"]]
    assert table.birth() == BIRTH


def test_a_row_that_is_lost_is_exit_code_1_and_names_its_table(
    groups: Groups, sessions: Sessions
) -> None:
    del sessions.restored[2]
    told = paved_road("drill", *WHERE)
    assert told.exit_code == 1
    assert f"- shop.{TABLE}: 1 rows are not as they were" in told.output
    assert "The drill failed." in told.output
    assert published("DrillPassed") == [0.0]
    assert not any(groups.members.values())


def test_without_comparing_the_ring_is_not_even_asked(groups: Groups, sessions: Sessions) -> None:
    sessions.source.clear()
    assert groups.sizes == []
    assert paved_road("drill", *WHERE, "--no-compare").exit_code == 0
    assert sessions.opened == [SCRATCH]


def test_what_a_drill_that_was_killed_left_is_ended_first_even_by_deaf_groups(
    groups: Groups, sessions: Sessions
) -> None:
    assert sessions
    groups.members["a"] = {"i-old": "InService", "i-pending": "Pending:Wait"}
    groups.deaf = True
    assert "2 instances of an earlier drill" in paved_road("drill", *WHERE, "--dry-run").output
    found = a_drill(groups)
    assert found.plan().left == ("i-old", "i-pending")
    assert found.run(found.plan()).passed
    assert not any(groups.members.values())


def test_a_drill_may_leave_its_ring_to_be_looked_at(groups: Groups, sessions: Sessions) -> None:
    assert sessions
    assert paved_road("drill", *WHERE, "--keep").exit_code == 0
    assert sum(map(len, groups.members.values())) == 6


def test_a_disk_that_cannot_be_filled_fails_and_names_the_table(
    groups: Groups, sessions: Sessions
) -> None:
    assert sessions
    drilling = a_drill(groups, fault_seconds=0.0)
    plan = drilling.plan()
    bad = plan.restore.fills[BIRTH.slots(DC)[0]].files[0]
    groups.fault = f"{bad.key} is corrupt"
    result = drilling.run(plan)
    (fault,) = result.faults
    assert f"{bad.key} is corrupt (of shop.{TABLE})" in fault
    assert result.recovery_seconds is None
    assert published("DrillPassed") == [0.0]
    assert not any(groups.members.values())


def test_a_ring_that_does_not_come_back_in_time_fails(groups: Groups, sessions: Sessions) -> None:
    assert sessions
    groups.fault = "S3 is slow"
    drilling = a_drill(groups, limit_seconds=0.0)
    (fault,) = drilling.run(drilling.plan()).faults
    assert "the ring is not as awaited" in fault


def test_a_drill_that_is_interrupted_ends_its_ring(
    groups: Groups, sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: LiveRing) -> Any:
        raise KeyboardInterrupt

    assert sessions
    monkeypatch.setattr(LiveRing, "survey", interrupted)
    drilling = a_drill(groups)
    with pytest.raises(KeyboardInterrupt):
        drilling.run(drilling.plan())
    assert not any(groups.members.values())
    # The next one need not wait.
    held = groups.table.lease(drill_lease(DC))
    assert held is not None
    assert held.until == 0.0


def test_only_one_drills_at_a_time(groups: Groups, sessions: Sessions) -> None:
    assert sessions
    drilling = a_drill(groups)
    plan, passing = drilling.plan(), iter(range(0, 10**6, 30))

    def another() -> float:
        held = groups.table.lease(drill_lease(DC))
        number = held.number + 1 if held else 1
        lease = Lease(holder="another", until=drilling.clock() + 50, number=number)
        assert groups.table.take_lease(drill_lease(DC), lease)
        return float(next(passing))

    drilling.elapsed = another
    with pytest.raises(RestoreRefusedError, match="another drill holds orders-drill"):
        drilling.run(plan)
    assert groups.sizes == []


def test_a_drill_that_lost_its_turn_touches_no_more(groups: Groups, sessions: Sessions) -> None:
    assert sessions
    drilling, passed = a_drill(groups), [0.0]
    drilling.elapsed = lambda: passed[0]
    plan = drilling.plan()

    def taken_over(_: str) -> None:
        held = groups.table.lease(drill_lease(DC))
        if held and held.holder != "another":
            lease = Lease(holder="another", until=drilling.clock() + 50, number=held.number + 1)
            assert groups.table.take_lease(drill_lease(DC), lease)
        passed[0] += 20

    drilling.say = taken_over
    with pytest.raises(TurnLostError):
        drilling.run(plan)
    assert sum(map(len, groups.members.values())) == 6


def test_a_stack_that_is_not_made_for_it_is_never_touched(
    groups: Groups, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = {"DataCenter": DC, "SlotTableName": "scratch"}
    monkeypatch.setattr(LiveRing, "outputs", lambda _: outputs)
    with pytest.raises(RestoreRefusedError, match="does not say that it is for drills of orders"):
        a_drill(groups).plan()


def test_a_ring_without_a_drill_stack_is_told_to_deploy_one(table: Table) -> None:
    assert table
    told = paved_road("drill", *WHERE)
    assert isinstance(told.exception, RestoreRefusedError)
    assert "deploy a drill stack, which is acme-us-east-1-ring-orders-drill" in str(told.exception)


def test_a_scratch_ring_that_is_too_small_is_refused(groups: Groups) -> None:
    groups.largest = 1
    with pytest.raises(RestoreRefusedError, match="2 nodes per rack, and a, b, c of the drill's"):
        a_drill(groups).plan()


def test_a_backup_that_is_damaged_is_refused_and_alarms(groups: Groups, bucket: Store) -> None:
    assert groups
    part = next(key for key in bucket.keys(PAST.prefix) if key.endswith("manifest.json"))
    bucket.client.delete_object(Bucket=bucket.bucket, Key=part)
    told = paved_road("drill", *WHERE)
    assert isinstance(told.exception, RestoreRefusedError)
    assert f"{part} is missing in the bucket" in str(told.exception)
    assert published("DrillPassed") == [0.0]
