"""Rows whose versions are known, so that a replica that lacks some of them is found out."""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile
from cassandra.concurrent import execute_concurrent_with_args
from cassandra.policies import WhiteListRoundRobinPolicy

KEYSPACE = (
    "CREATE KEYSPACE shop WITH replication = {{'class': 'NetworkTopologyStrategy', 'bench': 3}}"
)
TABLES = (
    "CREATE TABLE shop.rows (id int PRIMARY KEY, version int, body blob) WITH read_repair = 'NONE' "
    "AND speculative_retry = 'NEVER' "
    "AND compression = {{'class': 'LZ4Compressor', 'chunk_length_in_kb': {chunk_kib}}}",
    "CREATE TABLE shop.counts (id int PRIMARY KEY, seen counter) WITH read_repair = 'NONE' "
    "AND speculative_retry = 'NEVER'",
)
"""Reads mend nothing, or the bench would mend what it looks for."""
BODY_BYTES = 1_000
COUNTERS = 100
GONE = -1


@contextmanager
def session(addresses: Iterable[str], level: int = ConsistencyLevel.QUORUM) -> Iterator[Any]:
    """CQL through these coordinators only."""
    profile = ExecutionProfile(
        load_balancing_policy=WhiteListRoundRobinPolicy([*addresses]),
        consistency_level=level,
        request_timeout=60,
    )
    cluster = Cluster(
        [*addresses], protocol_version=5, execution_profiles={EXEC_PROFILE_DEFAULT: profile}
    )
    try:
        yield cluster.connect()
    finally:
        cluster.shutdown()


@dataclass
class Rows:
    """What was acknowledged at QUORUM: each row's last version, each counter's sum."""

    count: int
    chunk_kib: int = 16
    """What of a file is compressed, and streamed, as one; 16 is Cassandra's default."""
    versions: dict[int, int] = field(default_factory=dict)
    counted: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - rows

    def make(self, cql: Any) -> None:  # noqa: ANN401 - the driver's
        """Tables with all rows."""
        for statement in (KEYSPACE, *TABLES):
            cql.execute(statement.format(chunk_kib=self.chunk_kib))
        self.write(cql, range(self.count))
        self.add(cql)

    def write(self, cql: Any, ids: Iterable[int]) -> None:  # noqa: ANN401 - the driver's
        """The next version of each of these rows, none of which compresses."""
        put = cql.prepare("INSERT INTO shop.rows (id, version, body) VALUES (?, ?, ?)")
        wanted = {one: max(self.versions.get(one, 0), 0) + 1 for one in ids}
        bodies = ((one, to, self.chance.randbytes(BODY_BYTES)) for one, to in wanted.items())
        execute_concurrent_with_args(cql, put, bodies, concurrency=32)
        self.versions |= wanted

    def delete(self, cql: Any, ids: Iterable[int]) -> None:  # noqa: ANN401 - the driver's
        """Rows that must not come back."""
        remove = cql.prepare("DELETE FROM shop.rows WHERE id = ?")
        gone = [*ids]
        execute_concurrent_with_args(cql, remove, [(one,) for one in gone], concurrency=32)
        self.versions |= dict.fromkeys(gone, GONE)

    def add(self, cql: Any) -> None:  # noqa: ANN401 - the driver's
        """One to every counter."""
        step = cql.prepare("UPDATE shop.counts SET seen = seen + 1 WHERE id = ?")
        execute_concurrent_with_args(cql, step, [(one,) for one in range(COUNTERS)], concurrency=16)
        self.counted += 1

    def some(self, count: int) -> list[int]:
        """Ids from all over the ring."""
        return self.chance.sample(range(self.count), count)

    def wrong(self, cql: Any, ids: Iterable[int]) -> int:  # noqa: ANN401 - the driver's
        """How many of these rows are not what was acknowledged, counters among them."""
        look = cql.prepare("SELECT version FROM shop.rows WHERE id = ?")
        asked = [*ids]
        found = execute_concurrent_with_args(cql, look, [(one,) for one in asked], concurrency=16)
        seen = [(answer.result_or_exc.one() or (GONE,))[0] for answer in found]
        counts = [row.seen for row in cql.execute("SELECT seen FROM shop.counts")]
        return (
            sum(one != self.versions[id] for id, one in zip(asked, seen, strict=True))
            + sum(one != self.counted for one in counts)
            + COUNTERS
            - len(counts)
        )


@dataclass
class Probe:
    """Reads rows at QUORUM without a pause, through every coordinator that it is given."""

    rows: Rows
    ids: list[int]
    addresses: list[str]
    most_wrong: int = 0
    looks: int = 0
    faults: list[Exception] = field(default_factory=list)
    _end: Event = field(default_factory=Event)

    @contextmanager
    def running(self) -> Iterator["Probe"]:
        """While the block runs; what goes wrong in it is raised at the end."""

        def look() -> None:
            try:
                while not self._end.is_set():
                    with session(self.addresses) as cql:
                        self.most_wrong = max(self.most_wrong, self.rows.wrong(cql, self.ids))
                        self.looks += 1
            except Exception as error:  # noqa: BLE001 - raised below
                self.faults.append(error)

        thread = Thread(target=look)
        thread.start()
        try:
            yield self
        finally:
            self._end.set()
            thread.join()
        if self.faults:
            raise self.faults[0]
