"""What uses a ring in tests: writers that remember what was acknowledged, readers that check it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from cassandra import ConsistencyLevel
from cassandra.cluster import ResultSet, Session
from cassandra.query import PreparedStatement, SimpleStatement
from tenacity import retry, stop_after_delay, wait_fixed

from paved_road_lab.trial import NOT_ACKNOWLEDGED, Access, Writer, putting, read
from paved_road_ring_agent.vault import Credential
from tests.lab.living_ring import DC, LivingRing

TABLE = "shop.orders"
READ_SECONDS = 60


_KEYS: dict[str, tuple[str, Credential, str]] = {}
"""Roots, superuser and data center by network: rings of one machine have networks of their own,
so that an address says which ring it is of."""


def hold_keys(ring: LivingRing) -> None:
    """From now on clients can get into the ring: it has formed."""
    trust = ring.vault.trust()
    assert trust, "no agent has published what its ring is known by"
    _KEYS[_network(ring.addresses()[0])] = (
        trust,
        ring.vault.superuser(),
        ring.data_center,
    )


def _network(address: str) -> str:
    return address.rpartition(".")[0].rpartition(".")[0]


@contextmanager
def connect(addresses: Sequence[str], *, only: bool = False) -> Iterator[Session]:
    """A superuser's session with the ring that these nodes are of."""
    trust, superuser, data_center = _KEYS[_network(addresses[0])]
    access = Access(
        addresses=addresses,
        data_center=data_center,
        trust=trust,
        credential=superuser,
        only=only,
        retries=False,
    )
    with access.session() as session:
        yield session


class Patient:
    """A session at one level of consistency, whose statements may take long on a busy machine."""

    def __init__(self, session: Session, level: int = ConsistencyLevel.LOCAL_QUORUM) -> None:
        self._session, self._level = session, level

    def prepare(self, statement: str) -> PreparedStatement:
        return self._session.prepare(statement)

    def execute(self, statement: str | PreparedStatement, values: Sequence[Any] = ()) -> ResultSet:
        asked: Any = statement
        if isinstance(statement, str):
            asked = SimpleStatement(statement, consistency_level=self._level)
        return self._session.execute(asked, values or None, timeout=60)


def make_table(addresses: Sequence[str]) -> None:
    """A table of three replicas whose reads mend nothing, so that what is seen is what is there."""
    with connect(addresses) as session:
        session.execute(
            "CREATE KEYSPACE shop WITH replication = "
            f"{{'class': 'NetworkTopologyStrategy', '{DC}': 3}}",
            timeout=60,
        )
        session.execute(
            f"CREATE TABLE {TABLE} (id int PRIMARY KEY, item text) WITH read_repair = 'NONE'",
            timeout=60,
        )


@contextmanager
def writing(addresses: Sequence[str], *, first: int = 0) -> Iterator[Writer]:
    """Four threads write rows of their own from `first` on while the block lasts."""
    with (
        connect(addresses) as session,
        Writer(session, first, TABLE, threads=4, pause_seconds=0.02) as writer,
    ):
        yield writer


def write(addresses: Sequence[str], ids: Iterable[int], *, only: bool = False) -> list[int]:
    """Write these rows at LOCAL_QUORUM; returns those acknowledged."""
    done: list[int] = []
    with connect(addresses, only=only) as session:
        put = putting(session, TABLE)
        for id in ids:
            try:
                put(id)
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
            return read(session, level, TABLE)

    return sorted({*ids} - found())
