"""What is let in: as many requests at once as the member can carry, each for a limited time.

One more would only make all of them late, so it is told at once to come back.
"""

import asyncio
import logging
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from paved_road_chassis.health import LIVE_PATH, READY_PATH, Health

MOST_AT_ONCE = 64
"""Requests under way in one member."""

REQUEST_SECONDS = 5.0
"""Longer than all tries of a call together (`calls.Patience`), shorter than a user's patience."""

RELEASE_HEADER = "X-Release"
"""Says which release answered: to testers, and to whoever looks for the one that misbehaves."""


log = logging.getLogger("paved-road.service")


def intake(
    health: Health,
    release: str,
    *,
    most: int = MOST_AT_ONCE,
    seconds: float = REQUEST_SECONDS,
) -> Middleware:
    """A middleware that bounds requests in number and time. Health is always answered."""
    places = asyncio.Semaphore(most)

    @web.middleware
    async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in (LIVE_PATH, READY_PATH):
            return await handler(request)
        if places.locked():
            return marked(busy(f"{most} requests are under way"))
        async with places:
            try:
                return marked(await _in_time(request, handler, seconds))
            except web.HTTPException as refusal:
                marked(refusal)
                raise

    def marked(answer: web.StreamResponse) -> web.StreamResponse:
        answer.headers[RELEASE_HEADER] = release
        if health.draining:
            # Whoever keeps the connection looks for another member with the next request.
            answer.force_close()
        return answer

    return admit


def busy(why: str) -> web.Response:
    """Come back in a second."""
    return web.json_response(
        {"error": why}, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "1"}
    )


async def _in_time(request: web.Request, handler: Handler, seconds: float) -> web.StreamResponse:
    try:
        async with asyncio.timeout(seconds):
            return await handler(request)
    except TimeoutError:
        return web.json_response(
            {"error": f"no answer within {seconds} s"}, status=HTTPStatus.GATEWAY_TIMEOUT
        )
    except web.HTTPException:
        raise
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return web.json_response(
            {"error": "a fault of ours"}, status=HTTPStatus.INTERNAL_SERVER_ERROR
        )
