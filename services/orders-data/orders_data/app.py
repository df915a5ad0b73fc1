"""The routes: what may be asked about orders, and nothing else."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web

from orders_data.order import Order, WrongOrderError, read_id
from orders_data.table import AwayError, Orders, OtherOrderError
from paved_road_chassis.intake import busy
from paved_road_chassis.serving import Member

MOST_LISTED = 50
"""Orders in one answer."""

log = logging.getLogger("paved-road.orders-data")

Answer = Callable[[web.Request], Awaitable[web.Response]]


def member(orders: Orders) -> Member:
    """PUT /orders/{id}                  keep an order; 201, however often the same is said, and 409
                                      if the id was given to another one
    GET /orders/{id}                  one order, or 404
    GET /customers/{customer}/orders  a customer's newest orders
    """  # noqa: D205 - a list of routes is what it is
    asked = _Asked(orders)
    return Member(
        routes=[
            web.put("/orders/{id}", _answered(asked.put)),
            web.get("/orders/{id}", _answered(asked.get)),
            web.get("/customers/{customer}/orders", _answered(asked.of_customer)),
        ],
        needs={"orders": orders.answers},
        close=orders.close,
    )


class _Asked:
    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    async def put(self, request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except (ValueError, LookupError, RecursionError) as error:
            raise WrongOrderError(f"the body must be JSON: {error}") from error
        order = Order.read(request.match_info["id"], body)
        await self._orders.put(order)
        return web.json_response(order.told(), status=HTTPStatus.CREATED)

    async def get(self, request: web.Request) -> web.Response:
        order = await self._orders.get(read_id(request.match_info["id"]))
        if order is None:
            return web.json_response({"error": "no such order"}, status=HTTPStatus.NOT_FOUND)
        return web.json_response(order.told())

    async def of_customer(self, request: web.Request) -> web.Response:
        found = await self._orders.of_customer(request.match_info["customer"], MOST_LISTED)
        return web.json_response({"orders": [order.told() for order in found]})


def _answered(ask: Answer) -> Answer:
    """Faults of the caller are 400 and 409, those of the table 503; what it said is logged only."""

    async def answer(request: web.Request) -> web.Response:
        try:
            return await ask(request)
        except WrongOrderError as error:
            return web.json_response({"error": str(error)}, status=HTTPStatus.BAD_REQUEST)
        except OtherOrderError as error:
            return web.json_response({"error": str(error)}, status=HTTPStatus.CONFLICT)
        except AwayError as error:
            log.warning("orders are out of reach: %s", error)
            return busy("orders are out of reach")

    return answer
