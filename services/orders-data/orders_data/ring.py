"""Orders in a Cassandra ring: one table for each question, each row written to both.

The two writes are no transaction. Both carry the time of the order's id as their timestamp, so a
repetition, of one half or of the whole, ends in the same rows whenever it comes.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

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
from cassandra.policies import DCAwareRoundRobinPolicy, TokenAwarePolicy
from cassandra.protocol import ErrorMessage

from orders_data.order import Order
from orders_data.table import AwayError

STATEMENT_SECONDS = 0.8
"""Less than one try of a caller (`paved_road_chassis.calls.Patience`): whoever tries again would
otherwise find the ring still at work on what it gave up."""

CONNECT_SECONDS = 5.0
BOTH = {
    "INSERT INTO orders.by_id (id, customer, item, quantity) VALUES (?, ?, ?, ?) "
    "USING TIMESTAMP ?": ("id", "customer", "item", "quantity"),
    "INSERT INTO orders.by_customer (customer, id, item, quantity) VALUES (?, ?, ?, ?) "
    "USING TIMESTAMP ?": ("customer", "id", "item", "quantity"),
}
COLUMNS = "id, customer, item, quantity"


@dataclass(frozen=True, kw_only=True)
class Way:
    """How to get into a ring: as its service's role, under TLS."""

    addresses: Sequence[str]
    port: int
    data_center: str
    trust: str
    username: str
    password: str


class RingOrders:
    """Through the driver, whose threads hand their answers to the loop that asked.

    It connects when it is first asked, and again until that succeeds: a member comes up, and says
    that it is not ready, while the ring is away.
    """

    def __init__(self, way: Way) -> None:
        self._way = way
        self._opened: _Open | None = None
        self._opening: asyncio.Task[_Open] | None = None

    async def put(self, order: Order) -> None:
        """See `table.Orders`."""
        opened = await self._open()
        written = int(order.placed.timestamp() * 1_000_000)
        asks = [
            opened.ask(statement, *(getattr(order, name) for name in names), written)
            for statement, names in BOTH.items()
        ]
        await asyncio.gather(*asks)

    async def get(self, id: UUID) -> Order | None:
        """See `table.Orders`."""
        opened = await self._open()
        found = await opened.ask(f"SELECT {COLUMNS} FROM orders.by_id WHERE id = ?", id)  # noqa: S608
        return next(map(_order, found), None)

    async def of_customer(self, customer: str, most: int) -> Sequence[Order]:
        """See `table.Orders`. The table keeps a customer's orders newest first."""
        opened = await self._open()
        statement = f"SELECT {COLUMNS} FROM orders.by_customer WHERE customer = ? LIMIT ?"  # noqa: S608
        return [_order(row) for row in await opened.ask(statement, customer, most)]

    async def answers(self) -> bool:
        """Whether a quorum can be asked for a row."""
        try:
            await self.get(UUID(int=0, version=1))
        except AwayError:
            return False
        return True

    async def close(self) -> None:
        """Shut the driver down."""
        with contextlib.suppress(AwayError):
            if self._opening:
                await self._open()
        if self._opened:
            await asyncio.to_thread(self._opened.session.cluster.shutdown)

    async def _open(self) -> "_Open":
        """One attempt at a time, that goes on when who asked gives up: no session is lost."""
        if self._opened is None:
            if self._opening is None:
                self._opening = asyncio.create_task(asyncio.to_thread(_connect, self._way))
            opening = self._opening
            try:
                self._opened = await asyncio.shield(opening)
            except (DriverException, ErrorMessage, NoHostAvailable, OSError) as error:
                raise AwayError(str(error)) from error
            finally:
                if opening.done() and self._opening is opening:
                    self._opening = None
        return self._opened


class _Open:
    """A session and its prepared statements."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._prepared: dict[str, Any] = {}

    async def ask(self, statement: str, *values: object) -> list[Any]:
        try:
            if statement not in self._prepared:
                self._prepared[statement] = await asyncio.to_thread(self.session.prepare, statement)
            bound = self._prepared[statement].bind(values)
            bound.is_idempotent = True
            return await _answer(self.session.execute_async(bound))
        except (DriverException, ErrorMessage, NoHostAvailable, OSError) as error:
            raise AwayError(f"{type(error).__name__}: {error}") from error


def _connect(way: Way) -> _Open:
    profile = ExecutionProfile(
        load_balancing_policy=TokenAwarePolicy(DCAwareRoundRobinPolicy(way.data_center)),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        request_timeout=STATEMENT_SECONDS,
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
        return _Open(cluster.connect())
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


def _order(row: Any) -> Order:  # noqa: ANN401 - the driver makes its rows at run time
    return Order(id=row.id, customer=row.customer, item=row.item, quantity=row.quantity)
