"""What people see of a ring's backups, and the purge that they ask for."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from paved_road_contract.stacks import Kind
from paved_road_ring.backing_up import BackingUp, NothingToBackUpError
from paved_road_ring.backups import PurgeRefusedError, RingBackups
from paved_road_ring.follow import NotInTimeError
from paved_road_ring.live import NoRingError
from paved_road_ring_agent.facts import BackupWish
from paved_road_ring_agent.table import Table
from paved_road_ring_backup.keys import Past
from paved_road_ring_backup.purging import locked_days
from paved_road_ring_backup.retention import Keep
from paved_road_ring_backup.ring import assemble
from paved_road_ring_backup.store import Store
from tests.agent.scenes import BIRTH, DC, SLOTS, claims, slot
from tests.backup.bucket import BUCKET
from tests.backup.small_node import SmallNode, backup_of
from tests.backup.standing import RING, WHERE, bucket, paved_road, stack, table
from tests.backup.stories import DAY, HOUR, NOON, PAST
from tests.backup.test_purging import a_day, nodes

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["bucket", "nodes", "table"]


def test_whole_backups_are_listed_with_what_would_be_lost_even_of_a_ring_that_is_gone(
    nodes: dict[str, SmallNode], bucket: Store
) -> None:
    for day in range(3):
        a_day(nodes, bucket, day)
    found = RingBackups(RING, clock=lambda: NOON + 2 * DAY + HOUR).listing(2)
    assert (found.count, found.age_seconds, found.bucket) == (3, HOUR, BUCKET)
    assert [one.whole_until for one in found.sets] == ["20251127T120000Z", "20251126T120000Z"]
    newest = found.sets[0]
    assert (newest.moment, newest.slots, newest.incarnation) == ("20251127T120100Z", 6, "one")
    assert newest.size == sum(len(b"what never changes of a0" + b"a0 on day 0") for _ in SLOTS)


def test_what_all_of_it_costs_is_told_when_asked(
    nodes: dict[str, SmallNode], bucket: Store
) -> None:
    a_day(nodes, bucket, 0)
    assert "USD" not in paved_road("backups", *WHERE).output
    told = paved_road("backups", *WHERE, "--costs")
    assert "copies in another region, if made" in told.output
    found = json.loads(paved_road("backups", *WHERE, "--costs", "--json").output)["costs"]
    assert found["backups"]["objects"] == len(bucket.keys("rings/orders/"))
    assert found["logs"]["objects"] == 0
    # Written just now, as far as S3 knows.
    assert found["requests"] == pytest.approx(found["backups"]["objects"] * 30.4 * 0.000005)


def test_copies_that_the_region_keeps_of_others_are_listed_apart(
    nodes: dict[str, SmallNode], bucket: Store, s3: "S3Client"
) -> None:
    s3.create_bucket(Bucket="copies")
    stack(Kind.VAULT, BucketName="copies")
    a_day(nodes, bucket, 0)
    assert paved_road("backups", *WHERE, "--copies").exit_code == 1
    for key in bucket.keys(""):
        s3.copy_object(Bucket="copies", Key=key, CopySource={"Bucket": BUCKET, "Key": key})
    found = json.loads(paved_road("backups", *WHERE, "--copies", "--json").output)
    assert (found["bucket"], found["count"]) == ("copies", 1)


def test_the_newest_of_all_lives_comes_first(nodes: dict[str, SmallNode], bucket: Store) -> None:
    a_day(nodes, bucket, 1)
    # Of a name that sorts before the first one's.
    anew = Past(ring="orders", data_center=DC, incarnation="anew")
    for name, node in nodes.items():
        backup_of(node, bucket, past=anew, slot=slot(name), clock=lambda: NOON + 2 * DAY).run()
    assemble(bucket, anew, BIRTH, claims(), NOON + 2 * DAY)
    found = RingBackups(RING, clock=lambda: NOON + 3 * DAY).listing(24)
    assert [one.incarnation for one in found.sets] == ["anew", "one"]


def test_a_ring_whose_backups_are_old_or_absent_is_exit_code_1(
    nodes: dict[str, SmallNode], bucket: Store
) -> None:
    told = paved_road("backups", *WHERE)
    assert (told.exit_code, "has no whole backup" in told.output) == (1, True)
    a_day(nodes, bucket, 0)
    told = paved_road("backups", *WHERE, "--json")
    assert told.exit_code == 1
    assert json.loads(told.output)["sets"][0]["whole_until"] == "20251125T120000Z"
    assert "20251125T120100Z" in paved_road("backups", *WHERE).output


def test_a_region_without_a_bucket_is_refused_in_words(store: Store) -> None:
    assert store
    with pytest.raises(NoRingError, match="acme has no backup bucket in us-east-1"):
        RingBackups(RING).listing(1)


def test_who_asks_for_a_backup_is_told_when_all_that_was_acknowledged_is_in_one(
    nodes: dict[str, SmallNode], bucket: Store, table: Table
) -> None:
    now, said = [NOON + DAY], list[str]()
    waiting = iter(nodes)

    def step(_: float) -> None:
        """One node more, and then the set."""
        now[0] += 10
        name = next(waiting, "")
        if name:
            backup_of(nodes[name], bucket, slot=slot(name), clock=lambda: now[0]).run()
        else:
            assemble(bucket, PAST, BIRTH, claims(), now[0])

    a_day(nodes, bucket, 0)
    backing_up = BackingUp(ring=RING, say=said.append, clock=lambda: now[0], sleep=step)
    with pytest.raises(NothingToBackUpError, match="ring orders is not formed"):
        backing_up.ask()
    assert table.give_birth(BIRTH)
    assert all(table.take(one, claim) for one, claim in claims().items())
    wish = backing_up.ask()
    assert table.backup_wish() == wish
    found = backing_up.wait(wish, 600)
    assert NOON + DAY < wish.moment <= found.whole_until
    assert said == [f"{count} of 6 nodes are backed up" for count in range(7)]


def test_who_asked_earlier_takes_nothing_back(table: Table) -> None:
    assert table.ask_backup(BackupWish(moment=NOON))
    assert not table.ask_backup(BackupWish(moment=NOON - 1))
    assert table.backup_wish() == BackupWish(moment=NOON)


def test_a_backup_that_nobody_makes_is_told_of(
    nodes: dict[str, SmallNode], bucket: Store, table: Table
) -> None:
    assert nodes
    assert bucket
    table.give_birth(BIRTH)
    for one, claim in claims().items():
        table.take(one, claim)
    asked = paved_road("backup", *WHERE, "--wait", "1")
    assert isinstance(asked.exception, NotInTimeError)
    assert "0 of 6 nodes are backed up" in str(asked.exception)
    assert paved_road("backup", *WHERE, "--wait", "0", "--json").exit_code == 0
    assert "would ask all nodes" in paved_road("backup", *WHERE, "--dry-run").output


def test_a_purge_says_what_would_go_and_does_it_only_when_told(
    nodes: dict[str, SmallNode], bucket: Store, table: Table
) -> None:
    assert table.give_birth(BIRTH)
    for day in range(4):
        a_day(nodes, bucket, day)
    before = bucket.keys("rings/")
    rules = ("--hourly", "0", "--daily", "2", "--weekly", "0")
    told = paved_road("purge", *WHERE, *rules, "--json")
    assert told.exit_code == 0, told.output
    found = json.loads(told.output)
    # Rows of the two days that go, of six slots; two ring manifests and each run's three objects.
    assert found["bytes"] == sum(len(f"{name} on day 0") for name in SLOTS) * 2
    assert (found["deleted"], found["objects"], len(found["sets"])) == (False, 2 + 6 * 2 * 3, 2)
    assert bucket.keys("rings/") == before
    assert "would go with --delete" in paved_road("purge", *WHERE, *rules).output
    assert "38 objects went" in paved_road("purge", *WHERE, *rules, "--delete").output
    assert len(bucket.keys("rings/")) == len(before) - 38
    assert "Of orders 0 objects went" in paved_road("purge", *WHERE, *rules, "--delete").output


def test_what_a_ring_came_back_from_stays_whatever_the_rules_say(
    nodes: dict[str, SmallNode], bucket: Store, table: Table
) -> None:
    for day in range(4):
        a_day(nodes, bucket, day)
    origin = PAST.set_key(NOON + 60)
    assert table.give_birth(replace(BIRTH, incarnation="two", origin=origin))
    purge = RingBackups(RING).purge(Keep(hourly=0, daily=1, weekly=0))
    assert origin in purge.kept_sets
    assert origin not in purge.deletions()
    assert len(purge.kept_sets) == 2


def test_no_purge_before_anybody_knows_which_life_the_ring_is_in(table: Table) -> None:
    assert table.birth() is None
    with pytest.raises(PurgeRefusedError, match="restore or form it first"):
        RingBackups(RING).purge(Keep())


def test_the_buckets_own_lock_is_asked_for(store: Store, s3: "S3Client") -> None:
    assert locked_days(store) == 35
    s3.create_bucket(Bucket="open")
    assert locked_days(Store(s3, "open")) == 0
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    s3.put_object_lock_configuration(
        Bucket="locked",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 7}},
        },
    )
    assert locked_days(Store(s3, "locked")) == 7
