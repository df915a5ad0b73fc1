"""A ring tried out as a service uses it: with its role, under TLS, at LOCAL_QUORUM.

Rows have a number and an item that says it, so that a row is seen to be whole.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cassandra import ConsistencyLevel, DriverException
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    ExecutionProfile,
    NoHostAvailable,
    Session,
)
from cassandra.connection import ConnectionException
from cassandra.policies import (
    ConstantReconnectionPolicy,
    DCAwareRoundRobinPolicy,
    FallthroughRetryPolicy,
    RetryPolicy,
    TokenAwarePolicy,
    WhiteListRoundRobinPolicy,
)
from cassandra.protocol import ErrorMessage
from cassandra.query import SimpleStatement
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from paved_road_ring_agent.contract import NATIVE_PORT
from paved_road_ring_agent.cql import Way
from paved_road_ring_agent.vault import Credential

NOT_ACKNOWLEDGED = (ConnectionException, DriverException, ErrorMessage, NoHostAvailable)
"""What the driver raises, and what a draining node answers: the write may have happened or not."""
PATIENCE_SECONDS = 120
"""Agents give a new service its role within a minute, and its keyspace's rights likewise."""

TABLE = "orders.placed"


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a service gets in.

    - `only`: these nodes are the only coordinators; else they are contact points.
    - `retries`: whether the driver tries once more elsewhere before it says that a write failed.
    """

    addresses: Sequence[str]
    data_center: str
    trust: str
    credential: Credential
    only: bool = False
    retries: bool = True

    @contextmanager
    def session(self, *, reads: str | None = None) -> Iterator[Session]:
        """A session. Waits until nodes let the role in, and until it may read the table `reads`."""
        session = self._open(reads)
        try:
            yield session
        finally:
            session.cluster.shutdown()

    @retry(
        retry=retry_if_exception_type(NOT_ACKNOWLEDGED),
        stop=stop_after_delay(PATIENCE_SECONDS),
        wait=wait_fixed(1),
        reraise=True,
    )
    def _open(self, reads: str | None) -> Session:
        """A cluster object that failed to connect is of no use any more: each try makes its own."""
        profile = ExecutionProfile(
            load_balancing_policy=(
                WhiteListRoundRobinPolicy(self.addresses)
                if self.only
                else TokenAwarePolicy(DCAwareRoundRobinPolicy(self.data_center))
            ),
            retry_policy=RetryPolicy() if self.retries else FallthroughRetryPolicy(),
            consistency_level=ConsistencyLevel.LOCAL_QUORUM,
            request_timeout=10,
        )
        cluster = Cluster(
            self.addresses,
            port=NATIVE_PORT,
            protocol_version=5,
            ssl_context=Way(addresses=self.addresses, trust=self.trust).context(),
            auth_provider=PlainTextAuthProvider(self.credential.username, self.credential.password),
            execution_profiles={EXEC_PROFILE_DEFAULT: profile},
            reconnection_policy=ConstantReconnectionPolicy(1.0, max_attempts=None),
            connect_timeout=10,
            control_connection_timeout=10,
        )
        try:
            session = cluster.connect()
            if reads:
                session.execute(f"{_select(reads)} LIMIT 1")
        except BaseException:
            cluster.shutdown()
            raise
        return session


@dataclass
class Writer:
    """Writes rows until its block ends, and remembers what was acknowledged.

    A write that failed may be there or not. `threads` take turns at numbers from `first`, and
    each rests for `pause_seconds` after a write.
    """

    session: Session
    first: int = 0
    table: str = TABLE
    threads: int = 1
    pause_seconds: float = 0.01
    acknowledged: list[int] = field(default_factory=list)
    failed: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _running: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Writer":
        put = putting(self.session, self.table)
        for number in range(self.threads):
            thread = threading.Thread(
                target=self._write, args=(put, self.first + number), name="writer", daemon=True
            )
            thread.start()
            self._running.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._running:
            thread.join()

    def _write(self, put: Callable[[int], None], id: int) -> None:
        while not self._stop.wait(self.pause_seconds):
            try:
                put(id)
            except NOT_ACKNOWLEDGED:
                with self._lock:
                    self.failed += 1
            else:
                self.acknowledged.append(id)
            id += self.threads


def putting(session: Session, table: str = TABLE) -> Callable[[int], None]:
    """What writes the row of a number, or raises one of `NOT_ACKNOWLEDGED`."""
    insert: Any = session.prepare(
        f"INSERT INTO {table} (id, item) VALUES (?, ?)"  # noqa: S608 - names cannot be bound
    )

    def put(id: int) -> None:
        session.execute(insert, (id, _item(id)))

    return put


def write(session: Session, ids: Iterable[int], table: str = TABLE) -> list[int]:
    """Write these rows; all are acknowledged, or the driver's error says why not."""
    put = putting(session, table)
    done = []
    for id in ids:
        put(id)
        done.append(id)
    return done


def read(
    session: Session, level: int = ConsistencyLevel.LOCAL_QUORUM, table: str = TABLE
) -> set[int]:
    """Ids of all rows that are there and whole."""
    query = SimpleStatement(_select(table), consistency_level=level, fetch_size=2_000)
    return {row.id for row in session.execute(query, timeout=60) if row.item == _item(row.id)}


def _select(table: str) -> str:
    return f"SELECT id, item FROM {table}"  # noqa: S608 - names cannot be bound


def _item(id: int) -> str:
    return f"item {id}"
