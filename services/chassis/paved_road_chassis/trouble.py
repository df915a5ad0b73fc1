"""Trouble on purpose: requests that take longer or fail, to see that whoever watches notices.

Off unless a release's settings ask for it. Health is never touched: what only answers badly looks
well, and that is the case that alarms and the judge are for.
"""

import asyncio
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from paved_road_chassis.health import LIVE_PATH, READY_PATH
from paved_road_chassis.settings import MissingSettingError

MOST_DELAY_MS = 4000
"""Below a request's own time (5 s): slower is not late but failed."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """`errors` is the share of requests that fail, 0 to 1; each waits `delay_ms` before that.

    With `file` all that is so only while there is such a file: a release turns bad at a moment that
    somebody chooses.
    """

    errors: float = 0
    delay_ms: float = 0
    file: Path | None = None

    @staticmethod
    def read(environment: Mapping[str, str] = os.environ) -> "Trouble":
        """From `FAULT_ERRORS`, `FAULT_DELAY_MS` and `FAULT_WHILE`, the file.

        Raises `MissingSettingError` for no number.
        """
        file = environment.get("FAULT_WHILE")
        return Trouble(
            errors=_number(environment, "FAULT_ERRORS", 1),
            delay_ms=_number(environment, "FAULT_DELAY_MS", MOST_DELAY_MS),
            file=Path(file) if file else None,
        )

    def middleware(self, draw: Callable[[], float] = random.random) -> Middleware:
        """Of a member that shall have it. `draw` is from 0 to below 1."""

        @web.middleware
        async def make(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.path in (LIVE_PATH, READY_PATH) or not self._now():
                return await handler(request)
            await asyncio.sleep(self.delay_ms / 1000)
            if draw() < self.errors:
                return web.json_response({"error": "as FAULT_ERRORS asks for"}, status=500)
            return await handler(request)

        return make

    def _now(self) -> bool:
        return self.file is None or self.file.exists()


NO_TROUBLE = Trouble()


def _number(environment: Mapping[str, str], name: str, most: float) -> float:
    given = environment.get(name) or "0"
    try:
        number = float(given)
    except ValueError:
        number = -1
    if not 0 <= number <= most:
        raise MissingSettingError(f"{name} must be a number from 0 to {most}, got {given!r}")
    return number
