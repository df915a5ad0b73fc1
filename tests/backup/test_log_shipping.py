"""Logs on their way to the bucket and back: nothing twice, nothing torn, and no hole untold."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from paved_road_ring_agent.archiving import forget_restored
from paved_road_ring_agent.layout import Layout
from paved_road_ring_backup.log_bounds import bound
from paved_road_ring_backup.log_keys import Kind, Piece
from paved_road_ring_backup.log_store import all_pieces, fetch_logs, pieces_of
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.ring_manifest import Part
from paved_road_ring_backup.store import Store, StoreUnreachableError
from paved_road_ring_backup.transfers import CorruptObjectError
from tests.agent.scenes import slot
from tests.backup.bucket import BUCKET, outage
from tests.backup.small_log import FIRST, SmallLog, shipping
from tests.backup.stories import NOON, PAST, manifest, run

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART = Part.of(manifest(run("a0", NOON - 5)))


@pytest.fixture
def log(tmp_path: Path) -> SmallLog:
    return SmallLog(tmp_path / "log")


def pieces(store: Store, kind: Kind = Kind.SEGMENT) -> list[Piece]:
    return [one for one in pieces_of(store, PAST, slot("a0")) if one.kind is kind]


def fetched(store: Store, folder: Path, at: int = NOON) -> dict[int, bytes]:
    fetch_logs(store, PART, at, folder)
    return {int(one.stem.split("-")[2]): one.read_bytes() for one in folder.iterdir()}


def written(log: SmallLog) -> dict[int, bytes]:
    """Of segments that have any row."""
    return {segment: content for segment, content in log.contents.items() if len(content) > 20}


def test_all_that_was_synced_comes_back_as_it_was_and_no_byte_is_sent_twice(
    log: SmallLog, store: Store, tmp_path: Path
) -> None:
    ships, sent = shipping(log, store), 0
    for number in range(8):
        log.write(f"row {number}".encode())
        if number % 3 == 2:
            log.close()
        if number % 2:
            sent += ships.ship()
        if number == 5:
            log.flush()
    assert fetched(store, tmp_path / "new") == written(log)
    assert sent == sum(len(content) for content in written(log).values())
    assert sum(one.size for one in pieces(store)) == sent
    assert list(all_pieces(store, PAST)) == [slot("a0")]


def test_closed_segments_go_once_they_are_shipped(log: SmallLog, store: Store) -> None:
    log.write(b"one")
    log.close()
    ships = shipping(log, store)
    ships.ship()
    assert list(log.archived.iterdir()) == []
    # A restart of Cassandra links again what it finds; it was shipped.
    (log.archived / f"CommitLog-7-{FIRST}.log").hardlink_to(log.live / f"CommitLog-7-{FIRST}.log")
    assert ships.ship() == 0
    assert list(log.archived.iterdir()) == []


@pytest.mark.parametrize("after", range(4))
def test_a_shipment_that_was_cut_off_goes_on_under_the_same_keys(
    log: SmallLog, store: Store, s3: "S3Client", tmp_path: Path, after: int
) -> None:
    for row in (b"one", b"two", b"three"):
        log.write(row)
        log.close()
    with outage(s3, "PutObject", after), pytest.raises(StoreUnreachableError):
        shipping(log, store).ship()
    log.write(b"four")
    log.flush()
    shipping(log, store, clock=lambda: NOON + 10).ship()
    found = pieces_of(store, PAST, slot("a0"))
    assert [one.number for one in found] == list(range(5))
    assert fetched(store, tmp_path / "new", NOON + 10) == written(log)


def test_a_quiet_node_says_that_nothing_was_written(log: SmallLog, store: Store) -> None:
    log.write(b"one")
    for number in range(2):
        shipping(log, store, clock=lambda number=number: NOON + 10 * number).ship()
    assert [one.moment for one in pieces(store, Kind.SEEN)] == [NOON + 10]
    assert [one.start for one in pieces(store, Kind.SINCE)] == [NOON + 1]


SMALL: dict[str, Any] = {"usage": lambda _: (10_000, 0, 0), "clock": lambda: NOON + 60}
"""A disk of which one segment is more than its share."""


def bounded(log: SmallLog) -> None:
    bound(log.archived, log.folder / "backup", SMALL["usage"])


def test_the_disk_is_bounded_while_s3_is_away_and_the_hole_is_told(
    log: SmallLog, store: Store, s3: "S3Client", tmp_path: Path
) -> None:
    ships = shipping(log, store, **SMALL)
    log.write(b"shipped")
    shipping(log, store).ship()
    with outage(s3, "PutObject"):
        for row in (b"dropped", b"dropped too", b"kept"):
            log.write(row)
            log.close()
            with pytest.raises(StoreUnreachableError):
                ships.ship()
            log.flush()
            bounded(log)
    assert not list(log.archived.iterdir())
    ships.ship()
    ships.ship()
    assert pieces(store, Kind.LOST)
    with pytest.raises(RestoreRefusedError, match=r"a#0000 had to drop the logs"):
        fetch_logs(store, PART, NOON + 60, tmp_path / "new")


def test_links_that_cost_nothing_and_what_was_shipped_are_no_loss(
    log: SmallLog, store: Store
) -> None:
    ships = shipping(log, store, **SMALL)
    log.write(b"still in its memtable")
    log.close()
    bounded(log)
    assert list(log.archived.iterdir())
    ships.ship()
    assert pieces(store, Kind.LOST) == []


def test_a_corrupt_piece_is_named(
    log: SmallLog, store: Store, s3: "S3Client", tmp_path: Path
) -> None:
    log.write(b"one")
    shipping(log, store).ship()
    (one,) = pieces(store)
    s3.delete_object(Bucket=BUCKET, Key=one.key)
    s3.put_object(Bucket=BUCKET, Key=one.key, Body=bytes(one.size))
    with pytest.raises(CorruptObjectError, match=rf"{one.key} is corrupt"):
        fetch_logs(store, PART, NOON, tmp_path / "new")


def test_segments_that_were_replayed_are_shipped_by_nobody(tmp_path: Path) -> None:
    layout = Layout(root=tmp_path, bundle=tmp_path)
    live = layout.cassandra / "commitlog"
    for folder in (live, layout.archived_logs, layout.restored_logs):
        folder.mkdir(parents=True)
        (folder / "CommitLog-7-1.log").write_text("replayed")
    (live / "CommitLog-7-2.log").write_text("own")
    for _ in range(2):
        forget_restored(layout)
    assert [place.name for place in layout.cassandra.rglob("*.log")] == ["CommitLog-7-2.log"]
