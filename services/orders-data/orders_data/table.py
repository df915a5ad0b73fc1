"""Where orders are kept, as this service needs it; in memory for tests of who calls it."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from orders_data.order import Order


class AwayError(Exception):
    """The table did not answer in time. A write may have happened, and may be repeated."""


class OtherOrderError(Exception):
    """The id was given to another order. Nothing was written."""

    def __init__(self, id: UUID) -> None:
        super().__init__(f"id {id} was given to another order")


class Orders(Protocol):
    """One way to ask for each question. Every call raises `AwayError`."""

    async def put(self, order: Order) -> None:
        """Keep it. Doing it twice is doing it once. Raises `OtherOrderError`."""

    async def get(self, id: UUID) -> Order | None:
        """The order; None if there is none."""

    async def of_customer(self, customer: str, most: int) -> Sequence[Order]:
        """The newest orders of a customer, newest first."""

    async def answers(self) -> bool:
        """Whether it can be asked now."""

    async def close(self) -> None:
        """Let go of it."""


class MemoryOrders:
    """Gone with its process, and not shared with any other one."""

    def __init__(self) -> None:
        self._orders: dict[UUID, Order] = {}

    async def put(self, order: Order) -> None:
        """See `Orders`."""
        if self._orders.setdefault(order.id, order) != order:
            raise OtherOrderError(order.id)

    async def get(self, id: UUID) -> Order | None:
        """See `Orders`."""
        return self._orders.get(id)

    async def of_customer(self, customer: str, most: int) -> Sequence[Order]:
        """See `Orders`."""
        found = [order for order in self._orders.values() if order.customer == customer]
        return sorted(found, key=lambda order: (order.placed, order.id), reverse=True)[:most]

    async def answers(self) -> bool:
        """Always."""
        return True

    async def close(self) -> None:
        """Nothing to let go of."""
