"""A ring tried out as a service uses it: with its role, under TLS, at LOCAL_QUORUM."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from cassandra import ConsistencyLevel, DriverException, Unauthorized
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    ExecutionProfile,
    NoHostAvailable,
    Session,
)
from cassandra.connection import ConnectionException
from cassandra.policies import ConstantReconnectionPolicy, DCAwareRoundRobinPolicy, TokenAwarePolicy
from cassandra.query import SimpleStatement
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from paved_road_ring_agent.contract import NATIVE_PORT
from paved_road_ring_agent.cql import Way
from paved_road_ring_agent.vault import Credential

NOT_ACKNOWLEDGED = (ConnectionException, DriverException, NoHostAvailable)
PATIENCE_SECONDS = 120
"""Agents give a new service its role within a minute, and its keyspace's rights likewise."""
PAUSE_SECONDS = 0.01

INSERT = "INSERT INTO orders.placed (id, item) VALUES (?, ?)"
SELECT = "SELECT id, item FROM orders.placed"


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a service gets in."""

    addresses: Sequence[str]
    data_center: str
    trust: str
    credential: Credential

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that may write; waits until agents have given the role its rights."""
        session = self._open()
        try:
            yield session
        finally:
            session.cluster.shutdown()

    @retry(
        retry=retry_if_exception_type((*NOT_ACKNOWLEDGED, Unauthorized)),
        stop=stop_after_delay(PATIENCE_SECONDS),
        wait=wait_fixed(1),
        reraise=True,
    )
    def _open(self) -> Session:
        profile = ExecutionProfile(
            load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy(self.data_center)),
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
            session.execute(f"{SELECT} LIMIT 1")
        except BaseException:
            cluster.shutdown()
            raise
        return session


@dataclass
class Writer:
    """Writes rows one after another until its block ends, and remembers what was acknowledged.

    A write that failed may be there or not.
    """

    session: Session
    first: int = 0
    acknowledged: list[int] = field(default_factory=list)
    failed: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Writer":
        self._thread = threading.Thread(target=self._write, name="writer", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()

    def _write(self) -> None:
        insert: Any = self.session.prepare(INSERT)
        id = self.first
        while not self._stop.wait(PAUSE_SECONDS):
            try:
                self.session.execute(insert, (id, f"item {id}"))
                self.acknowledged.append(id)
            except NOT_ACKNOWLEDGED:
                self.failed += 1
            id += 1


def write(session: Session, ids: Iterable[int]) -> list[int]:
    """Write these rows; all are acknowledged, or the driver's error says why not."""
    insert: Any = session.prepare(INSERT)
    done = []
    for id in ids:
        session.execute(insert, (id, f"item {id}"))
        done.append(id)
    return done


def read(session: Session, level: int = ConsistencyLevel.LOCAL_QUORUM) -> set[int]:
    """Ids of all rows that are there and whole."""
    rows = session.execute(SimpleStatement(SELECT, consistency_level=level), timeout=60)
    return {row.id for row in rows if row.item == f"item {row.id}"}
