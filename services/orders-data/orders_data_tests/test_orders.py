"""What may be asked about orders, on a table in memory."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession, web
from hypothesis import given
from hypothesis import strategies as st

from chassis_tests.served import client, served
from orders_data.app import member
from orders_data.order import Order, WrongOrderError
from orders_data.table import AwayError, MemoryOrders, Orders

BODY = {"customer": "ann", "item": "tea", "quantity": 2}
Use = Callable[[ClientSession, str], Awaitable[None]]


class AwayOrders(MemoryOrders):
    async def get(self, id: uuid.UUID) -> Order | None:  # noqa: ARG002 - whatever the id
        raise AwayError("no quorum")


def using(orders: Orders, use: Use) -> None:
    async def run() -> None:
        async with served(*member(orders).routes) as url, client() as session:
            await use(session, url)

    asyncio.run(run())


def test_an_order_is_found_by_its_id_and_by_its_customer_however_often_it_is_put() -> None:
    async def use(session: ClientSession, url: str) -> None:
        ids = [str(uuid.uuid1()) for _ in range(3)]
        for id in [*ids, *ids]:
            put = await session.put(f"{url}/orders/{id}", json=BODY)
            assert put.status == 201
        await session.put(f"{url}/orders/{uuid.uuid1()}", json=BODY | {"customer": "bob"})
        found = await (await session.get(f"{url}/orders/{ids[0]}")).json()
        assert found.items() >= {"id": ids[0], **BODY}.items()
        listed = await (await session.get(f"{url}/customers/ann/orders")).json()
        assert [one["id"] for one in listed["orders"]] == ids[::-1], "the newest first"

    using(MemoryOrders(), use)


@pytest.mark.parametrize("other", [{"customer": "bob"}, {"item": "rum"}, {"quantity": 3}])
def test_an_id_belongs_to_the_order_that_it_was_given_to(other: dict[str, object]) -> None:
    async def use(session: ClientSession, url: str) -> None:
        id = str(uuid.uuid1())
        await session.put(f"{url}/orders/{id}", json=BODY)
        refused = await session.put(f"{url}/orders/{id}", json=BODY | other)
        assert refused.status == 409
        assert (await session.put(f"{url}/orders/{id}", json=BODY)).status == 201
        found = await (await session.get(f"{url}/orders/{id}")).json()
        assert found.items() >= {"id": id, **BODY}.items()
        none = await (await session.get(f"{url}/customers/bob/orders")).json()
        assert none == {"orders": []}

    using(MemoryOrders(), use)


def test_what_is_not_there_is_404() -> None:
    async def use(session: ClientSession, url: str) -> None:
        assert (await session.get(f"{url}/orders/{uuid.uuid1()}")).status == 404
        none = await (await session.get(f"{url}/customers/ann/orders")).json()
        assert none == {"orders": []}

    using(MemoryOrders(), use)


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"[" * 100_000, b'{"customer": "\\ud800", "item": "tea", "quantity": 1}'],
)
def test_what_nobody_can_keep_is_the_callers_fault(body: bytes) -> None:
    async def use(session: ClientSession, url: str) -> None:
        given = {"Content-Type": "application/json"}
        put = await session.put(f"{url}/orders/{uuid.uuid1()}", data=body, headers=given)
        assert put.status == 400

    using(MemoryOrders(), use)


def test_a_table_that_is_away_is_503() -> None:
    async def use(session: ClientSession, url: str) -> None:
        answer = await session.get(f"{url}/orders/{uuid.uuid1()}")
        assert answer.status == 503
        assert await answer.json() == {"error": "orders are out of reach"}

    using(AwayOrders(), use)


def test_a_caller_hears_all_faults_at_once() -> None:
    async def use(session: ClientSession, url: str) -> None:
        answer = await session.put(f"{url}/orders/1", json={"quantity": 0})
        assert answer.status == 400
        told = (await answer.json())["error"]
        assert told.split("; ") == [
            "id must be a UUID of version 1, got '1'",
            "customer must be a text of 1 to 200 characters, got None",
            "item must be a text of 1 to 200 characters, got None",
            "quantity must be a number from 1 to 10000, got 0",
        ]
        broken = await session.put(f"{url}/orders/{uuid.uuid1()}", data="{")
        assert broken.status == 400
        assert "must be JSON" in (await broken.json())["error"]

    using(MemoryOrders(), use)


@pytest.mark.parametrize("quantity", [True, 1.5, "2", 10_001])
def test_a_quantity_is_a_number(quantity: object) -> None:
    with pytest.raises(WrongOrderError, match="quantity"):
        Order.read(str(uuid.uuid1()), BODY | {"quantity": quantity})


@given(st.integers(0, 2**60 - 1))
def test_an_order_was_placed_when_its_id_was_drawn(time: int) -> None:
    fields = (time & 0xFFFFFFFF, time >> 32 & 0xFFFF, time >> 48 & 0xFFF)
    id = uuid.UUID(fields=(*fields, 0x80, 0, 1), version=1)
    assert id.time == time
    order = Order(id=id, customer="a", item="b", quantity=1)
    try:
        told = datetime.fromisoformat(str(order.told()["placed"]))
    except OverflowError:
        return  # beyond the year 9999
    assert told == order.placed


def test_an_id_of_now_says_now() -> None:
    before = datetime.now(UTC)
    order = Order(id=uuid.uuid1(), customer="a", item="b", quantity=1)
    assert abs((order.placed - before).total_seconds()) < 60


def test_routes_are_all_that_may_be_asked() -> None:
    asked = {(route.method, route.path) for route in member(MemoryOrders()).routes}
    assert asked == {
        ("PUT", "/orders/{id}"),
        ("GET", "/orders/{id}"),
        ("GET", "/customers/{customer}/orders"),
    }
    assert all(isinstance(route, web.RouteDef) for route in member(MemoryOrders()).routes)
