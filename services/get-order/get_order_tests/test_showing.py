"""Showing an order, with a stand-in for the service that keeps them."""

import asyncio

from aiohttp import web

from chassis_tests.served import client, served
from get_order.app import member
from paved_road_chassis.calls import Other

ORDER = {"id": "1", "customer": "ann"}


async def kept(request: web.Request) -> web.Response:
    id = request.match_info["id"]
    if id == "1":
        return web.json_response(ORDER)
    return web.json_response({"error": "no such order"}, status=503 if id == "away" else 404)


async def ready(_: web.Request) -> web.Response:
    return web.json_response({})


def test_an_order_is_shown_as_it_is_kept() -> None:
    async def run() -> None:
        async with served(web.get("/orders/{id}", kept), web.get("/health/ready", ready)) as behind:
            made = member(Other(behind))
            assert await made.needs["orders-data"]()
            async with served(*made.routes) as url, client() as session:
                found = await session.get(f"{url}/orders/1")
                assert (found.status, await found.json()) == (200, ORDER)
                assert (await session.get(f"{url}/orders/2")).status == 404
                away = await session.get(f"{url}/orders/away")
                assert (away.status, await away.json()) == (
                    503,
                    {"error": "orders are out of reach"},
                )
                assert (await session.get(f"{url}/orders/..%2Fhealth%2Fready")).status == 404
        assert not await made.needs["orders-data"]()
        await made.close()

    asyncio.run(run())
