"""A session with a ring: the driver's threads hand their answers to the loop that asked."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cassandra import ConsistencyLevel, DriverException
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import (
    EXEC_PROFILE_DEFAULT,
    Cluster,
    ExecutionProfile,
    NoHostAvailable,
    ResponseFuture,
    Session,
)
from cassandra.policies import (
    ConstantSpeculativeExecutionPolicy,
    DCAwareRoundRobinPolicy,
    TokenAwarePolicy,
)
from cassandra.protocol import ErrorMessage

from orders_data.table import AwayError

STATEMENT_SECONDS = 0.8
"""Less than one try of a caller (`paved_road_chassis.calls.Patience`): whoever tries again would
otherwise find the ring still at work on what it gave up."""

OTHER_NODE_SECONDS, OTHER_NODES = 0.2, 2
"""After how long without an answer the next node is asked too, and how many of them. The driver
asks a row's first replica whenever it believes that node up, and a frozen one, whose connections
stay open, for up to a minute: no try of a caller would be answered until then."""

CONNECT_SECONDS = 5.0
FAULTS = (DriverException, ErrorMessage, NoHostAvailable, OSError)
"""What the driver raises while a ring, or enough of it, is away."""


@dataclass(frozen=True, kw_only=True)
class Way:
    """How to get into a ring: as its service's role, under TLS."""

    addresses: Sequence[str]
    port: int
    data_center: str
    trust: str
    username: str
    password: str


class Opened:
    """A session and its prepared statements."""

    def __init__(self, session: Session, data_center: str) -> None:
        self._session, self._data_center = session, data_center
        self._prepared: dict[str, Any] = {}

    def lost(self) -> bool:
        """Whether every node of its data center that it knows is down; busy ones are not."""
        nodes = self._session.cluster.metadata.all_hosts()
        return all(node.is_up is False for node in nodes if node.datacenter == self._data_center)

    def close(self) -> None:
        """Shut the driver down; takes a moment."""
        self._session.cluster.shutdown()

    async def ask(self, statement: str, *values: object) -> list[Any]:
        """The rows. Raises `AwayError`. Only what may be said twice may be asked here."""
        try:
            if statement not in self._prepared:
                self._prepared[statement] = await asyncio.to_thread(
                    self._session.prepare, statement
                )
            bound = self._prepared[statement].bind(values)
            bound.is_idempotent = True
            return await _answer(self._session.execute_async(bound))
        except FAULTS as error:
            raise AwayError(f"{type(error).__name__}: {error}") from error


def connect(way: Way) -> Opened:
    """Blocks until somebody lets in. Raises one of `FAULTS`."""
    profile = ExecutionProfile(
        load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy(way.data_center)),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL,
        request_timeout=STATEMENT_SECONDS,
        speculative_execution_policy=ConstantSpeculativeExecutionPolicy(
            OTHER_NODE_SECONDS, OTHER_NODES
        ),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=way.trust)
    cluster = Cluster(
        way.addresses,
        port=way.port,
        protocol_version=5,
        ssl_context=context,
        auth_provider=PlainTextAuthProvider(way.username, way.password),
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
        connect_timeout=CONNECT_SECONDS,
        control_connection_timeout=CONNECT_SECONDS,
    )
    try:
        return Opened(cluster.connect(), way.data_center)
    except BaseException:
        cluster.shutdown()
        raise


async def _answer(asked: ResponseFuture) -> list[Any]:
    """The rows. One page holds them all, since every question has a limit."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[Any]] = loop.create_future()

    def hand(give: Callable[[Any], None], value: object) -> None:
        if not answer.done():
            give(value)

    asked.add_callbacks(
        callback=lambda rows: loop.call_soon_threadsafe(hand, answer.set_result, list(rows or ())),
        errback=lambda error: loop.call_soon_threadsafe(hand, answer.set_exception, error),
    )
    return await answer
