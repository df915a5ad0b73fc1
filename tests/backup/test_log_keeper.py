"""Who ships logs, and when: a member of a formed ring, and nobody who replays a backup's."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.journal import Journal
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.observed import TableFacts
from paved_road_ring_agent.supervisor import Status
from paved_road_ring_backup.log_keeper import LogKeeper
from paved_road_ring_backup.log_keys import Kind
from paved_road_ring_backup.log_store import pieces_of
from paved_road_ring_backup.store import Store, StoreUnreachableError
from tests.agent.scenes import BIRTH, claim, claims, slot
from tests.backup.bucket import outage
from tests.backup.member import entry
from tests.backup.small_log import SmallLog
from tests.backup.small_node import SmallNode
from tests.backup.stories import NOON, PAST

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Member:
    """A node of slot b1 with a log in its layout's places, and its keeper."""

    def __init__(self, root: Path, store: Store) -> None:
        self.layout = Layout(root=root, bundle=Path())
        self.log = SmallLog(self.layout.cassandra)
        self.log.live.rename(self.layout.cassandra / "commitlog")
        self.log.archived.rename(self.layout.archived_logs)
        self.log.live = self.layout.cassandra / "commitlog"
        self.log.archived = self.layout.archived_logs
        Status(nonce="1", epoch=1, management_port=1, management_password="x").save(self.layout)
        node, self.journal = SmallNode(root / "small"), Journal()
        self.keeper = LogKeeper(
            ring="orders",
            layout=self.layout,
            journal=self.journal,
            store=store,
            clock=lambda: float(NOON),
            manage=lambda *_: node,
            usage=lambda _: (10_000, 0, 0),
        )

    def sees(self, **changed: Any) -> None:
        seen = entry(**changed)
        self.journal.note(seen.seen, seen.action)


def replace_keeper(member: Member) -> LogKeeper:
    """Of an agent that was started anew, later."""
    return replace(member.keeper, clock=lambda: NOON + 5.0)


@pytest.fixture
def member(tmp_path: Path, store: Store) -> Member:
    return Member(tmp_path / "node", store)


def test_a_member_ships_under_its_slot_and_epoch(member: Member, store: Store) -> None:
    member.log.write(b"row")
    member.sees()
    assert member.keeper.tend()
    owners = {one.owner.epoch for one in pieces_of(store, PAST, slot("b1"))}
    assert owners == {1}


@pytest.mark.parametrize(
    "table",
    [
        TableFacts(birth=replace(BIRTH, formed=False), claims=claims()),
        TableFacts(birth=BIRTH, claims=claims({"b1": claim("b1", phase=Phase.FORMING)})),
    ],
    ids=["clients are not let in", "it has not joined"],
)
def test_who_may_still_replay_ships_nothing_and_keeps_what_it_replays(
    member: Member, store: Store, table: TableFacts
) -> None:
    member.layout.restored_logs.mkdir()
    (member.layout.restored_logs / "CommitLog-7-1.log").touch()
    member.log.write(b"row")
    member.sees(table=table)
    assert not member.keeper.tend()
    assert pieces_of(store, PAST, slot("b1")) == []
    member.sees()
    assert (member.layout.restored_logs / "CommitLog-7-1.log").exists()
    member.keeper.tend()
    assert not member.layout.restored_logs.exists()


def test_its_disk_is_bounded_while_nobody_knows_what_it_holds(member: Member) -> None:
    member.sees()
    assert member.keeper.tend()
    member.log.write(b"row")
    member.log.close()
    member.log.flush()
    member.sees(table=None)
    assert not member.keeper.tend()
    assert list(member.layout.archived_logs.iterdir()) == []


def test_its_disk_is_bounded_before_it_ever_shipped_anything_and_its_first_logs_say_so(
    member: Member, store: Store
) -> None:
    """Its agent began while the table was out of reach."""
    member.log.write(b"row")
    member.log.close()
    member.log.flush()
    member.sees(table=None)
    assert not member.keeper.tend()
    assert list(member.layout.archived_logs.iterdir()) == []
    member.sees()
    assert member.keeper.tend()
    (lost,) = (one for one in pieces_of(store, PAST, slot("b1")) if one.kind is Kind.LOST)
    assert lost.start <= NOON <= lost.end
    assert member.keeper.tend()
    assert [one.kind for one in pieces_of(store, PAST, slot("b1"))].count(Kind.LOST) == 1


def test_how_old_its_shipped_logs_are_is_known_and_grows_while_nothing_is_shipped(
    member: Member, s3: "S3Client"
) -> None:
    assert member.keeper.age(NOON) is None
    member.sees()
    with outage(s3, "PutObject"), pytest.raises(StoreUnreachableError):
        member.keeper.tend()
    assert member.keeper.age(NOON + 60) == 60
    member.keeper.tend()
    member.sees(table=None)
    member.keeper.tend()
    assert member.keeper.age(NOON + 400) == 400
    another = replace_keeper(member)
    assert another.age(NOON) is None
    member.sees()
    with outage(s3, "PutObject"), pytest.raises(StoreUnreachableError):
        another.tend()
    assert another.age(NOON + 500) == 500


def test_its_disk_is_bounded_while_s3_is_out_of_reach(
    member: Member, store: Store, s3: "S3Client"
) -> None:
    member.sees()
    member.log.write(b"row")
    member.log.close()
    member.log.flush()
    with outage(s3, "PutObject"), pytest.raises(StoreUnreachableError):
        member.keeper.tend()
    assert list(member.layout.archived_logs.iterdir()) == []
    member.keeper.tend()
    member.keeper.tend()
    assert [one.kind for one in pieces_of(store, PAST, slot("b1"))].count(Kind.LOST) > 0
