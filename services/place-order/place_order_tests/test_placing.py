"""Placing an order, with a stand-in for the service that keeps them."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession, web

from chassis_tests.served import client, served
from paved_road_chassis.calls import Other
from place_order.app import draw, member

BODY = {"customer": "ann", "item": "tea", "quantity": 2}


class Keeper:
    """Keeps orders, and may fail `failing` times first."""

    def __init__(self, failing: int = 0, status: int = 201) -> None:
        self.failing, self.status = failing, status
        self.kept: list[tuple[str, Any]] = []

    async def put(self, request: web.Request) -> web.Response:
        self.kept.append((request.match_info["id"], await request.json()))
        if len(self.kept) <= self.failing:
            return web.Response(status=503)
        return web.json_response({"id": request.match_info["id"]}, status=self.status)

    async def ready(self, _: web.Request) -> web.Response:
        return web.Response(status=503 if self.failing else 200, text="{}")


def using(keeper: Keeper, use: Callable[[ClientSession, str], Awaitable[None]]) -> None:
    async def run() -> None:
        kept = [web.put("/orders/{id}", keeper.put), web.get("/health/ready", keeper.ready)]
        async with served(*kept) as behind:
            made = member(Other(behind))
            async with served(*made.routes) as url, client() as session:
                ready = await made.needs["orders-data"]()
                assert ready == (keeper.failing == 0)
                await use(session, url)
            await made.close()

    asyncio.run(run())


def test_an_order_gets_an_id_and_is_kept() -> None:
    keeper = Keeper()

    async def use(session: ClientSession, url: str) -> None:
        answer = await session.post(f"{url}/orders", json=BODY)
        assert answer.status == 201
        assert keeper.kept == [((await answer.json())["id"], BODY)]

    using(keeper, use)


def test_a_repetition_is_the_same_order() -> None:
    keeper = Keeper(failing=2)

    async def use(session: ClientSession, url: str) -> None:
        assert (await session.post(f"{url}/orders", json=BODY)).status == 201

    using(keeper, use)
    assert len(keeper.kept) == 3
    assert len({id for id, _ in keeper.kept}) == 1


def test_who_could_not_be_served_can_ask_for_the_same_order_again() -> None:
    keeper = Keeper(failing=3)

    async def use(session: ClientSession, url: str) -> None:
        refused = await session.post(f"{url}/orders", json=BODY)
        assert refused.status == 503
        assert await refused.json() == {"error": "the order may have been kept or not"}
        key = refused.headers["Idempotency-Key"]
        again = await session.post(f"{url}/orders", json=BODY, headers={"Idempotency-Key": key})
        assert again.status == 201
        assert {id for id, _ in keeper.kept} == {key}

    using(keeper, use)


@pytest.mark.parametrize("status", [400, 409])
def test_what_the_keeper_refuses_is_said_as_it_says_it(status: int) -> None:
    async def use(session: ClientSession, url: str) -> None:
        assert (await session.post(f"{url}/orders", json=BODY)).status == status
        assert (await session.post(f"{url}/orders", data="{")).status == 400

    using(Keeper(status=status), use)


def test_an_id_says_when_and_not_where() -> None:
    ids = [draw() for _ in range(50)]
    assert {id.version for id in ids} == {1}
    assert len(set(ids)) == 50
    assert all(id.node >> 40 & 1 for id in ids)
    assert uuid.getnode() not in {id.node for id in ids}
