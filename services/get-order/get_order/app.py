"""`GET /orders/{id}`: shows an order, as the service that keeps orders has it."""

import logging
from urllib.parse import quote

from aiohttp import web

from paved_road_chassis.calls import Other, UnavailableError
from paved_road_chassis.health import READY_PATH
from paved_road_chassis.intake import busy
from paved_road_chassis.serving import Member

log = logging.getLogger("paved-road.get-order")


def member(orders: Other) -> Member:
    """The member in front of the service that keeps orders."""

    async def show(request: web.Request) -> web.Response:
        try:
            answer = await orders.get(f"/orders/{quote(request.match_info['id'], safe='')}")
        except UnavailableError as error:
            log.warning("orders are out of reach: %s", error)
            return busy("orders are out of reach")
        return web.json_response(answer.body, status=answer.status)

    async def ready() -> bool:
        return await orders.answers(READY_PATH)

    return Member(
        routes=[web.get("/orders/{id}", show)], needs={"orders-data": ready}, close=orders.close
    )
