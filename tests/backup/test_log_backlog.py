"""A backlog of logs, and closed segments that are damaged: what counts when, and what is told."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paved_road_ring_backup.log_bounds import bound
from paved_road_ring_backup.log_keys import Kind, Piece
from paved_road_ring_backup.log_store import fetch_logs, pieces_of
from paved_road_ring_backup.restore import RestoreRefusedError
from paved_road_ring_backup.ring_manifest import Part
from paved_road_ring_backup.store import Store, StoreUnreachableError
from tests.agent.scenes import slot
from tests.backup.bucket import outage
from tests.backup.small_log import SmallLog, shipping
from tests.backup.stories import NOON, PAST, manifest, run

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART = Part.of(manifest(run("a0", NOON - 5)))


@pytest.fixture
def log(tmp_path: Path) -> SmallLog:
    return SmallLog(tmp_path / "log")


def backlog(log: SmallLog, minutes: int) -> None:
    """A closed segment for each minute from noon on."""
    for minute in range(minutes):
        log.write(f"row {minute}".encode())
        log.close(at=NOON + 60 * (minute + 1))


def pieces(store: Store) -> list[Piece]:
    return pieces_of(store, PAST, slot("a0"))


def sent(store: Store) -> int:
    return sum(one.size for one in pieces(store))


def test_a_backlog_counts_as_it_goes_and_nothing_is_sent_twice(
    log: SmallLog, store: Store, s3: "S3Client", tmp_path: Path
) -> None:
    backlog(log, 6)
    log.write(b"the last one")
    with outage(s3, "PutObject", 4), pytest.raises(StoreUnreachableError):
        shipping(log, store, clock=lambda: NOON + 600, most=1).ship()
    complete = [one.moment for one in pieces(store) if not one.following]
    assert complete == [NOON + 60, NOON + 120, NOON + 180]
    fetch_logs(store, PART, NOON + 180, tmp_path / "new")
    whole = log.contents
    assert {one.read_bytes() for one in (tmp_path / "new").iterdir()} == {
        whole[segment] for segment in sorted(whole)[:3]
    }
    before = sent(store)
    after = shipping(log, store, clock=lambda: NOON + 610, most=1).ship()
    assert before + after == sent(store) == sum(len(content) for content in whole.values())
    assert max(one.moment for one in pieces(store)) == NOON + 610
    assert list(log.archived.iterdir()) == []


def test_what_was_dropped_of_a_backlog_is_told_by_the_first_shipment_after_it(
    log: SmallLog, store: Store
) -> None:
    shipping(log, store).ship()
    backlog(log, 4)
    log.flush()
    # Four of them are too much, two are not.
    ships = shipping(log, store, clock=lambda: NOON + 300, most=1, usage=lambda _: (50_000, 0, 0))
    bound(log.archived, log.folder / "backup", ships.usage)
    assert len(list(log.archived.iterdir())) == 2
    ships.ship()
    (lost,) = (one for one in pieces(store) if one.kind is Kind.LOST)
    counted = min(one.moment for one in pieces(store) if one.number >= lost.number)
    assert lost.start <= NOON <= lost.end
    assert counted == lost.moment
    assert {one.segment for one in pieces(store) if one.segment} == {*sorted(log.contents)[2:4]}


def test_a_backlog_takes_its_share_of_the_network(log: SmallLog, store: Store) -> None:
    backlog(log, 3)
    pauses: list[float] = []
    ships = shipping(log, store, limit=100, sleep=pauses.append)
    assert ships.ship() == pytest.approx(100 * sum(pauses))
    assert sum(pauses) > 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["write", "close", "flush", "ship"]),
            st.integers(0, 4),
            st.integers(1, 200),
        ),
        max_size=14,
    )
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_all_that_was_written_before_the_moment_of_a_shipment_is_in_it_or_before_it(
    tmp_path_factory: pytest.TempPathFactory,
    store: Store,
    s3: "S3Client",
    story: list[tuple[str, int, int]],
) -> None:
    """Whatever was cut off in between; a shipment of one segment at a time."""
    for key in store.keys(""):
        s3.delete_object(Bucket=store.bucket, Key=key)
    log, now = SmallLog(tmp_path_factory.mktemp("log")), NOON
    written: list[tuple[int, int, int]] = []
    for does, puts, seconds in [*story, ("ship", 1_000, 10)]:
        now += seconds
        match does:
            case "write":
                log.write(b"row")
                written.append((now, log.segment, len(log.contents[log.segment])))
            case "close":
                log.close(at=now)
            case "flush":
                log.flush()
            case _:
                ships = shipping(log, store, clock=lambda at=now: at, most=1)
                with outage(s3, "PutObject", puts), suppress(StoreUnreachableError):
                    ships.ship()
    found = pieces(store)
    assert [one.number for one in found] == list(range(len(found)))
    moments = [one.moment for one in found]
    assert moments == sorted(moments)
    for end in (one for one in found if not one.following):
        reached = {one.segment: one.end for one in found if one.number <= end.number}
        for moment, segment, place in written:
            assert moment >= end.moment or reached.get(segment, 0) >= place
    assert sent(store) == sum(
        len(content) for content in log.contents.values() if len(content) > 20
    )


def damage(log: SmallLog, rows: int) -> None:
    """The marker behind so many sections of the segment that is written to."""
    content = bytearray(log.place.read_bytes())
    place = log.ends[rows]
    content[place + 5] ^= 0xFF
    log.place.write_bytes(content)


def test_what_nobody_can_read_of_a_closed_segment_is_told(
    log: SmallLog, store: Store, tmp_path: Path
) -> None:
    for row in (b"one", b"two", b"three"):
        log.write(row)
    damage(log, 1)
    log.close(at=NOON + 60)
    ships = shipping(log, store, clock=lambda: NOON + 70)
    ships.ship()
    (lost,) = (one for one in pieces(store) if one.kind is Kind.LOST)
    assert lost.start == NOON
    assert list(log.archived.iterdir()) == []
    with pytest.raises(RestoreRefusedError, match=r"a#0000 had to drop the logs"):
        fetch_logs(store, PART, NOON + 60, tmp_path / "new")
    ships.ship()
    assert [one.kind for one in pieces(store)].count(Kind.LOST) == 1


def test_damage_that_shows_when_the_segment_is_closed_is_told_of_moments_before_too(
    log: SmallLog, store: Store, tmp_path: Path
) -> None:
    """While it was written it looked like a section on its way."""
    for row in (b"one", b"two"):
        log.write(row)
    damage(log, 1)
    shipping(log, store, clock=lambda: NOON + 10).ship()
    assert Kind.LOST not in {one.kind for one in pieces(store)}
    log.close(at=NOON + 60)
    shipping(log, store, clock=lambda: NOON + 70).ship()
    with pytest.raises(RestoreRefusedError, match=r"a#0000 had to drop the logs"):
        fetch_logs(store, PART, NOON + 5, tmp_path / "new")


def test_a_damaged_segment_that_has_to_go_unshipped_is_told_as_well(
    log: SmallLog, store: Store
) -> None:
    log.write(b"one")
    shipping(log, store).ship()
    log.write(b"two")
    damage(log, 1)
    log.close(at=NOON + 60)
    log.flush()
    bound(log.archived, log.folder / "backup", lambda _: (1_000, 0, 0))
    assert list(log.archived.iterdir()) == []
    shipping(log, store, clock=lambda: NOON + 70).ship()
    assert Kind.LOST in {one.kind for one in pieces(store)}


def test_a_damaged_segment_that_closes_during_a_shipment_stays_until_it_is_told(
    log: SmallLog, store: Store, s3: "S3Client"
) -> None:
    for row in (b"one", b"two"):
        log.write(row)
    damage(log, 1)
    with outage(s3, "PutObject"), pytest.raises(StoreUnreachableError):
        shipping(log, store).ship()
    log.close(at=NOON + 60)
    log.flush()
    shipping(log, store, clock=lambda: NOON + 70).ship()
    assert Kind.LOST in {one.kind for one in pieces(store)}
    assert list(log.archived.iterdir()) == []
