"""A hundred thousand rows of every kind, and writers that go on beside a backup."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.query import SimpleStatement

from paved_road_lab.trial import Writer, read
from tests.backup.rows import contents, fill
from tests.lab.clients import Patient, connect
from tests.lab.living_ring import DC
from tests.waiting import until

FIRST, CUSTOMERS, EACH = 1_000, 200, 500
LATE = "shop.late"
AT_ONCE, TRIES = 16, 5
"""Statements under way, enough for six nodes on two cores; how often one is tried."""


def fill_many(session: Any) -> None:
    """All that `fill` makes, and wide partitions of which some lose rows, a range or all."""
    fill(Patient(session), f"'{DC}': 3")
    customers = range(FIRST, FIRST + CUSTOMERS)
    _all(
        session,
        "INSERT INTO shop.orders (customer, number, state) VALUES (?, ?, ?)",
        ((one, n, f"state {n % 10}") for one in customers for n in range(EACH)),
    )
    _all(
        session,
        "UPDATE shop.orders SET name = ? WHERE customer = ?",
        ((f"customer {one}", one) for one in customers),
    )
    _all(session, "DELETE FROM shop.orders WHERE customer = ?", ((one,) for one in customers[::20]))
    _all(
        session,
        "DELETE FROM shop.orders WHERE customer = ? AND number >= ? AND number < ?",
        ((one, 100, 120) for one in customers[1::20]),
    )
    _all(
        session,
        "INSERT INTO shop.names (id, name) VALUES (?, ?) USING TTL ?",
        ((one, "timed", 86_400) for one in customers),
    )
    session.execute(f"CREATE TABLE {LATE} (id int PRIMARY KEY, item text)", timeout=60)


@contextmanager
def late_writing(addresses: Sequence[str]) -> Iterator[Writer]:
    """Rows of a table of their own, one after another while the block lasts."""
    with connect(addresses) as session, Writer(session, 0, LATE, threads=2) as writer:
        yield writer


def seen(address: str, level: int = ConsistencyLevel.ALL) -> dict[str, Any]:
    """All but the late rows, through this coordinator alone."""
    with connect([address], only=True) as session:
        return contents(Patient(session, level))


def late(address: str) -> tuple[set[int], int]:
    """Late rows that are there and whole, and the newest one's time, in microseconds."""
    with connect([address], only=True) as session:
        query = SimpleStatement(
            f"SELECT max(writetime(item)) FROM {LATE}",  # noqa: S608 - ours
            consistency_level=ConsistencyLevel.ALL,
        )
        (newest,) = session.execute(query, timeout=60).one()
        return read(session, ConsistencyLevel.ALL, LATE), newest


@dataclass(frozen=True)
class Moment:
    """What was there at second `at`, and which late rows had been acknowledged by then."""

    at: int
    rows: dict[str, Any]
    acknowledged: frozenset[int]

    def is_back(self, addresses: Sequence[str]) -> None:
        """Nothing is missing and nothing came later, through each of these coordinators."""
        for address in addresses:
            assert seen(address) == self.rows
            found, newest = late(address)
            assert found >= self.acknowledged
            assert newest < self.at * 1_000_000


def moment_now(address: str, writer: Writer) -> Moment:
    """Of a ring that nobody but the writer writes to; that second is over on return."""
    rows, acknowledged = seen(address), frozenset(writer.acknowledged)
    assert len(rows["orders"]) > 90_000
    at = int(time.time()) + 1
    until(lambda: time.time() > at + 0.001)
    return Moment(at, rows, acknowledged)


def _all(session: Any, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Every one of them, the same one again where a busy node did not answer in time."""
    prepared, left = session.prepare(statement), [*rows]
    prepared.consistency_level = ConsistencyLevel.LOCAL_QUORUM
    for _ in range(TRIES):
        done = execute_concurrent_with_args(
            session, prepared, left, concurrency=AT_ONCE, raise_on_first_error=False
        )
        left = [row for row, (acknowledged, _) in zip(left, done, strict=True) if not acknowledged]
        if not left:
            return
    raise AssertionError(f"{len(left)} rows were not acknowledged: {statement}")
