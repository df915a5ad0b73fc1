"""Orders in a Cassandra ring: one table for each question, each row written to both.

An id is given to one order: the row by id is written by a lightweight transaction, and who comes
with the same id and another order is refused before anything else is written. The row by customer
follows, with the time of the order's id as its timestamp; the two are no transaction, and whoever
repeats a write that broke off between them ends in the same rows whenever that is.
"""

import asyncio
import contextlib
import math
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from orders_data.order import Order
from orders_data.session import FAULTS, STATEMENT_SECONDS, Opened, Way, connect
from orders_data.table import AwayError, OtherOrderError

AGAIN_SECONDS = 5.0
"""Between two attempts to open a session: an account reads 40 parameters a second by default, an
attempt two. Those that ask meanwhile are told the last attempt's fault."""

COLUMNS = "id, customer, item, quantity"
GIVE_ID = f"INSERT INTO orders.by_id ({COLUMNS}) VALUES (?, ?, ?, ?) IF NOT EXISTS"  # noqa: S608
LIST = f"INSERT INTO orders.by_customer ({COLUMNS}) VALUES (?, ?, ?, ?) USING TIMESTAMP ?"  # noqa: S608


class RingOrders:
    """Connects when it is first asked, and again until that succeeds: a member comes up, and says
    that it is not ready, while the ring is away. The driver follows nodes that are replaced; a
    session that lost them all is left for a new one, which begins where `find` says then.
    """  # noqa: D205 - one paragraph says it

    def __init__(self, find: Callable[[], Way]) -> None:
        self._find = find
        self._opened: Opened | None = None
        self._opening: asyncio.Task[Opened] | None = None
        self._leaving: set[asyncio.Task[None]] = set()
        self._refused: tuple[float, str] = (-math.inf, "")

    async def put(self, order: Order) -> None:
        """See `table.Orders`. Both statements take no longer than one may."""
        values = (order.id, order.customer, order.item, order.quantity)
        try:
            async with asyncio.timeout(STATEMENT_SECONDS):
                (given,) = await self._ask(GIVE_ID, *values)
                if not given.applied and _order(given) != order:
                    raise OtherOrderError(order.id)
                await self._ask(LIST, *values, int(order.placed.timestamp() * 1_000_000))
        except TimeoutError as error:
            raise AwayError(f"not written within {STATEMENT_SECONDS} s") from error

    async def get(self, id: UUID) -> Order | None:
        """See `table.Orders`."""
        found = await self._ask(f"SELECT {COLUMNS} FROM orders.by_id WHERE id = ?", id)  # noqa: S608
        return next(map(_order, found), None)

    async def of_customer(self, customer: str, most: int) -> Sequence[Order]:
        """See `table.Orders`. The table keeps a customer's orders newest first."""
        statement = f"SELECT {COLUMNS} FROM orders.by_customer WHERE customer = ? LIMIT ?"  # noqa: S608
        return [_order(row) for row in await self._ask(statement, customer, most)]

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
            self._leave(self._opened)
        await asyncio.gather(*self._leaving)

    async def _ask(self, statement: str, *values: object) -> list[Any]:
        opened = await self._open()
        try:
            return await opened.ask(statement, *values)
        except AwayError:
            if opened.lost():
                self._leave(opened)
            raise

    def _leave(self, opened: Opened) -> None:
        """Whoever asks next opens another one."""
        if self._opened is opened:
            self._opened = None
            leaving = asyncio.create_task(asyncio.to_thread(opened.close))
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)

    async def _open(self) -> Opened:
        """One attempt at a time, that goes on when who asked gives up: no session is lost."""
        if self._opened:
            return self._opened
        clock = asyncio.get_running_loop().time
        if self._opening is None:
            since, why = self._refused
            if clock() < since + AGAIN_SECONDS:
                raise AwayError(why)
            self._opening = asyncio.create_task(asyncio.to_thread(_enter, self._find))
        opening = self._opening
        try:
            self._opened = await asyncio.shield(opening)
        except (AwayError, *FAULTS) as error:
            self._refused = (clock(), str(error))
            raise AwayError(str(error)) from error
        finally:
            if opening.done() and self._opening is opening:
                self._opening = None
        return self._opened


def _enter(find: Callable[[], Way]) -> Opened:
    return connect(find())


def _order(row: Any) -> Order:  # noqa: ANN401 - the driver makes its rows at run time
    return Order(id=row.id, customer=row.customer, item=row.item, quantity=row.quantity)
