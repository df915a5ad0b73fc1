"""Ready and alive are two questions.

`/health/live` answers as long as the process can answer: who restarts what is not alive must not
restart a member because something else is down. `/health/ready` says whether requests should come
here: not while the member drains, and not while what it needs is away.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web

LIVE_PATH, READY_PATH = "/health/live", "/health/ready"

NEED_SECONDS = 2.0
"""How long a need may take to answer: less than the load balancer waits (5 s by default)."""

Need = Callable[[], Awaitable[bool]]


@dataclass
class Health:
    """Of one member. `needs` are asked by name at each question whether it is ready."""

    needs: dict[str, Need] = field(default_factory=dict)
    draining: bool = False

    async def missing(self) -> list[str]:
        """Why it is not ready: `draining`, or the needs that are away; empty if it is."""
        if self.draining:
            return ["draining"]
        answers = await asyncio.gather(*(_answers(need) for need in self.needs.values()))
        return [name for name, there in zip(self.needs, answers, strict=True) if not there]

    def routes(self) -> list[web.RouteDef]:
        """Both questions."""
        return [web.get(LIVE_PATH, self._live), web.get(READY_PATH, self._ready)]

    async def _live(self, _: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def _ready(self, _: web.Request) -> web.Response:
        missing = await self.missing()
        status = HTTPStatus.SERVICE_UNAVAILABLE if missing else HTTPStatus.OK
        return web.json_response({"ready": not missing, "missing": missing}, status=status)


async def _answers(need: Need) -> bool:
    try:
        return await asyncio.wait_for(need(), NEED_SECONDS)
    except Exception:  # noqa: BLE001 - whatever it is, what is needed is not there
        return False
