"""`paved-road ring restore` against an emulated table and bucket: what it says, writes, refuses."""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from paved_road_ring.live import LiveRing
from paved_road_ring.restoring import Restoring
from paved_road_ring_agent.software import Wanted
from paved_road_ring_agent.table import Table
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.store import Store
from tests.agent.scenes import BIRTH, RACKS, SLOTS, claim, slot
from tests.backup.shipments import logs
from tests.backup.small_node import SmallNode
from tests.backup.standing import RING, WHERE, bucket, paved_road, table
from tests.backup.stories import DAY, HOUR, NOON, PAST
from tests.backup.test_purging import a_day, nodes
from tests.unit.test_ring_restore import group

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["bucket", "nodes", "table"]
GROUPS = {rack: {**group(rack), "Instances": []} for rack in RACKS}


@pytest.fixture(autouse=True)
def gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three racks of two nodes are deployed, and no instance is left."""
    monkeypatch.setattr(LiveRing, "groups", lambda _: GROUPS)
    monkeypatch.setattr(LiveRing, "instances", lambda _: {})
    wanted = Wanted(cassandra="5.0.9", key="bundles/1.tar", sha256=64 * "0")
    monkeypatch.setattr(LiveRing, "wanted", lambda _: wanted)


@pytest.fixture
def backups(nodes: dict[str, SmallNode], table: Table, bucket: Store) -> Table:
    """Two days of them, of a ring whose table was lost; the table."""
    for day in range(2):
        a_day(nodes, bucket, day)
    return table


def test_a_dry_run_says_what_would_happen_and_writes_nothing(backups: Table) -> None:
    told = paved_road("restore", *WHERE, "--dry-run")
    assert told.exit_code == 0, told.output
    assert "would bring back orders as of 2025-11-26T12:00:00+00:00" in told.output
    assert "6 slots" in told.output
    # Of last year.
    assert "rows that were deleted before may come back" in told.output
    assert backups.birth() is None


def test_the_birth_is_written_once_and_names_the_newest_backup(backups: Table) -> None:
    first = json.loads(paved_road("restore", *WHERE, "--json").output)["restore"]
    birth = backups.birth()
    assert birth is not None
    assert birth.origin == first["manifest"] == PAST.set_key(NOON + DAY + 60)
    assert (birth.racks, birth.founding, birth.formed) == (RACKS, 2, False)
    assert birth.incarnation != PAST.incarnation
    again = json.loads(paved_road("restore", *WHERE, "--json").output)["restore"]
    assert (first["begun_before"], again["begun_before"]) == (False, True)
    assert backups.birth() == birth


@pytest.mark.parametrize(
    "choice",
    [
        ("--at", "2025-11-25T13:00:00Z"),
        ("--at", "2025-11-25T14:00+01:00"),
        ("--at", "2025-11-25T13:00"),
        ("--manifest", PAST.set_key(NOON + 60)),
    ],
)
def test_an_older_backup_may_be_chosen(
    choice: tuple[str, str], backups: Table, bucket: Store
) -> None:
    for pieces in logs(dict.fromkeys(SLOTS, HOUR), every=HOUR // 2, start=-HOUR // 2).values():
        for one in pieces:
            bucket.put(one.key, b"")
    told = paved_road("restore", *WHERE, *choice)
    assert told.exit_code == 0, told.output
    exact = choice[0] == "--at"
    assert ("bytes of commit logs are replayed" in told.output) is exact
    birth = backups.birth()
    assert birth is not None
    assert birth.origin == PAST.set_key(NOON + 60)
    assert birth.at == (NOON + HOUR if exact else 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--at", "2025-11-25T11:00:00Z"), "has no whole backup in us-east-1-g1 from before"),
        (("--at", "2025-11-25T13:00:00Z"), "no logs reach from 20251125T120000Z to 20251125T1300"),
        (("--manifest", "rings/orders/none.json"), "rings/orders/none.json is not there"),
    ],
)
def test_what_is_not_there_is_refused(
    arguments: tuple[str, ...], words: str, backups: Table
) -> None:
    told = paved_road("restore", *WHERE, *arguments)
    assert isinstance(told.exception, RestoreRefusedError)
    assert words in str(told.exception)
    assert backups.birth() is None


@pytest.mark.parametrize(
    "arguments",
    [
        ("--at", "noon"),
        ("--at", "2025-11-25T13:00:00.5Z"),
        ("--at", "2025-11-25", "--manifest", "rings/x"),
    ],
)
def test_what_makes_no_sense_is_exit_code_2(arguments: tuple[str, ...], backups: Table) -> None:
    assert paved_road("restore", *WHERE, *arguments).exit_code == 2
    assert backups.birth() is None


def test_a_ring_that_may_live_is_refused_with_all_other_reasons(
    backups: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LiveRing, "instances", lambda _: {"i-a0": "running"})
    monkeypatch.setattr(LiveRing, "wanted", lambda _: None)
    told = paved_road("restore", *WHERE)
    assert "the ring lives: 1 of its instances run a node or may" in str(told.exception)
    assert "written by Cassandra 5.0.9" in str(told.exception)
    assert backups.birth() is None


def test_what_cannot_be_asked_may_live(backups: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(_: LiveRing) -> Any:
        raise EndpointConnectionError(endpoint_url="https://ec2")

    monkeypatch.setattr(LiveRing, "instances", silent)
    told = paved_road("restore", *WHERE)
    assert isinstance(told.exception, RestoreRefusedError)
    assert "nobody can tell whether ring orders lives" in str(told.exception)
    assert backups.birth() is None


def test_who_comes_to_life_while_the_command_reads_is_not_overwritten(backups: Table) -> None:
    restoring = Restoring(ring=RING)
    planned = restoring.plan()
    assert backups.give_birth(BIRTH)
    with pytest.raises(RestoreRefusedError, match="somebody else wrote the ring's birth"):
        restoring.begin(planned)
    held = claim("a0", epoch=1, renewed=restoring.clock())
    assert backups.take(slot("a0"), held)
    with pytest.raises(RestoreRefusedError, match="i-a0 has begun to run a node, or may have"):
        restoring.begin(replace(planned, seen=replace(planned.seen, birth=BIRTH)))
    assert backups.birth() == BIRTH


def test_who_comes_to_life_while_ec2_is_slow_is_seen(
    backups: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slot table is read last."""

    def slow(_: LiveRing) -> dict[str, str]:
        backups.give_birth(BIRTH)
        backups.take(slot("a0"), claim("a0", epoch=1, renewed=Restoring(ring=RING).clock()))
        return {}

    monkeypatch.setattr(LiveRing, "instances", slow)
    with pytest.raises(RestoreRefusedError, match="the ring lives: 1 of its instances"):
        Restoring(ring=RING).plan()


def test_copies_in_another_bucket_are_named_in_the_birth(
    backups: Table, bucket: Store, s3: "S3Client"
) -> None:
    s3.create_bucket(Bucket="copies")
    for key in bucket.keys("rings/"):
        content = bucket.get(key)
        assert content is not None
        s3.put_object(Bucket="copies", Key=key, Body=content)
        s3.delete_object(Bucket=bucket.bucket, Key=key)
    assert isinstance(paved_road("restore", *WHERE).exception, RestoreRefusedError)
    assert paved_road("restore", *WHERE, "--bucket", "copies").exit_code == 0
    birth = backups.birth()
    assert birth is not None
    assert birth.bucket == "copies"
