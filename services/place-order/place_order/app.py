"""`POST /orders`: gives an order its id and has it kept.

The id is drawn before anything is written and says when, so what is repeated, by this service or
by a client that sends `Idempotency-Key` (an id that an earlier answer named), is the same order.
"""

import logging
import secrets
import uuid
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

from paved_road_chassis.calls import Other, UnavailableError
from paved_road_chassis.health import READY_PATH
from paved_road_chassis.intake import busy
from paved_road_chassis.serving import Member

log = logging.getLogger("paved-road.place-order")

KEY_HEADER = "Idempotency-Key"


def member(orders: Other) -> Member:
    """The member in front of the service that keeps orders."""

    async def place(request: web.Request) -> web.Response:
        try:
            body = await request.json()
        except (ValueError, LookupError, RecursionError) as error:
            return web.json_response(
                {"error": f"the body must be JSON: {error}"}, status=HTTPStatus.BAD_REQUEST
            )
        id = request.headers.get(KEY_HEADER) or str(draw())
        try:
            answer = await orders.put(f"/orders/{quote(id, safe='')}", body)
        except UnavailableError as error:
            # The key lets the client ask again for the same order.
            log.warning("an order may have been kept or not: %s", error)
            refused = busy("the order may have been kept or not")
            refused.headers[KEY_HEADER] = id
            return refused
        return web.json_response(answer.body, status=answer.status)

    async def ready() -> bool:
        return await orders.answers(READY_PATH)

    return Member(
        routes=[web.post("/orders", place)], needs={"orders-data": ready}, close=orders.close
    )


def draw() -> uuid.UUID:
    """A time-based id with a random node: a machine's address is nobody's business."""
    multicast = 1 << 40  # marks a node that is no real address (RFC 9562, section 6.10)
    return uuid.uuid1(node=secrets.randbits(48) | multicast)
