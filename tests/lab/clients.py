"""What uses a ring in tests: writers that remember what was acknowledged, readers that check it."""

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
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
    TokenAwarePolicy,
    WhiteListRoundRobinPolicy,
)
from cassandra.protocol import ErrorMessage
from cassandra.query import SimpleStatement
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from paved_road_ring_agent.contract import NATIVE_PORT
from paved_road_ring_agent.cql import Way
from paved_road_ring_agent.vault import Credential
from tests.lab.ring import DC, LivingRing

TABLE = "shop.orders"
INSERT = "INSERT INTO shop.orders (id, text) VALUES (?, ?)"
SELECT = "SELECT id, text FROM shop.orders"
CONNECT_SECONDS, READ_SECONDS = 90, 60
NOT_ACKNOWLEDGED = (ConnectionException, DriverException, ErrorMessage, NoHostAvailable)
"""What the driver raises, and what a draining node answers: the write may have happened or not."""


_KEYS: dict[str, tuple[str, Credential]] = {}
"""Roots and superuser by network: labs of one machine have networks of their own, so that an
address says which ring it is of."""


def hold_keys(ring: LivingRing) -> None:
    """From now on clients can get into the ring: it has formed."""
    trust = ring.vault.trust()
    assert trust, "no agent has published what its ring is known by"
    _KEYS[_network(ring.addresses()[0])] = (trust, ring.vault.superuser())


def _network(address: str) -> str:
    return address.rpartition(".")[0].rpartition(".")[0]


@contextmanager
def connect(addresses: Sequence[str], *, only: bool = False) -> Iterator[Session]:
    """A session with the ring. The one place that knows how clients get in.

    `only`: these nodes are the only coordinators; else they are contact points.
    """
    session = _session(addresses, only)
    try:
        yield session
    finally:
        session.cluster.shutdown()


@retry(
    retry=retry_if_exception_type(NOT_ACKNOWLEDGED),
    stop=stop_after_delay(CONNECT_SECONDS),
    wait=wait_fixed(1),
    reraise=True,
)
def _session(addresses: Sequence[str], only: bool) -> Session:
    """A node that became normal refuses clients for some seconds more.

    A cluster object that failed to connect is of no use any more, so each try makes its own.
    """
    policy = (
        WhiteListRoundRobinPolicy(addresses)
        if only
        else TokenAwarePolicy(DCAwareRoundRobinPolicy(DC))
    )
    profile = ExecutionProfile(
        load_balancing_policy=policy,
        retry_policy=FallthroughRetryPolicy(),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        request_timeout=10,
    )
    trust, superuser = _KEYS[_network(addresses[0])]
    cluster = Cluster(
        addresses,
        ssl_context=Way(addresses=addresses, trust=trust).context(),
        auth_provider=PlainTextAuthProvider(superuser.username, superuser.password),
        port=NATIVE_PORT,
        protocol_version=5,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        reconnection_policy=ConstantReconnectionPolicy(1.0, max_attempts=None),
        connect_timeout=10,
        control_connection_timeout=10,
    )
    try:
        return cluster.connect()
    except BaseException:
        cluster.shutdown()
        raise


def make_table(addresses: Sequence[str]) -> None:
    """A table of three replicas whose reads mend nothing, so that what is seen is what is there."""
    with connect(addresses) as session:
        session.execute(
            "CREATE KEYSPACE shop WITH replication = "
            f"{{'class': 'NetworkTopologyStrategy', '{DC}': 3}}",
            timeout=60,
        )
        session.execute(
            f"CREATE TABLE {TABLE} (id int PRIMARY KEY, text text) WITH read_repair = 'NONE'",
            timeout=60,
        )


@dataclass
class Writer:
    """Writes rows of its own at LOCAL_QUORUM until it is told to stop.

    `acknowledged` are ids that the ring said are written; a failed write may be there or not.
    """

    addresses: Sequence[str]
    first: int = 0
    threads: int = 4
    pause_seconds: float = 0.02
    acknowledged: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    last: float = field(default_factory=time.monotonic)
    longest_gap: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)
    _open: Any = None

    def __enter__(self) -> "Writer":
        self._open = connect(self.addresses)
        session = self._open.__enter__()
        insert = session.prepare(INSERT)
        for number in range(self.threads):
            thread = threading.Thread(target=self._write, args=(session, insert, number))
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._open.__exit__(kind, error, trace)

    def _write(self, session: Session, insert: Any, number: int) -> None:
        id = self.first + number
        while not self._stop.is_set():
            try:
                session.execute(insert, (id, f"row {id}"))
            except NOT_ACKNOWLEDGED as error:
                self.failures.append(f"{id}: {error}")
            else:
                with self._lock:
                    now = time.monotonic()
                    self.longest_gap = max(self.longest_gap, now - self.last)
                    self.last = now
                    self.acknowledged.append(id)
            id += self.threads
            self._stop.wait(self.pause_seconds)


def write(addresses: Sequence[str], ids: Iterable[int], *, only: bool = False) -> list[int]:
    """Write these rows at LOCAL_QUORUM; returns those acknowledged."""
    done: list[int] = []
    with connect(addresses, only=only) as session:
        insert = session.prepare(INSERT)
        for id in ids:
            try:
                session.execute(insert, (id, f"row {id}"))
            except NOT_ACKNOWLEDGED:
                continue
            done.append(id)
    return done


def missing(
    coordinator: str, ids: Iterable[int], level: int = ConsistencyLevel.LOCAL_QUORUM
) -> list[int]:
    """Which of these rows a read through this coordinator does not find."""

    @retry(stop=stop_after_delay(READ_SECONDS), wait=wait_fixed(1), reraise=True)
    def found() -> set[int]:
        with connect([coordinator], only=True) as session:
            query = SimpleStatement(
                SELECT,
                consistency_level=level,
                fetch_size=2_000,
            )
            rows = session.execute(query, timeout=30)
            return {row.id for row in rows if row.text == f"row {row.id}"}

    return sorted({*ids} - found())
