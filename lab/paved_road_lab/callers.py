"""Clients of a service in the lab: each asks, waits for its answer, rests a little, asks again."""

import asyncio
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import aiohttp

RELEASE_HEADER = "X-Release"
"""In which a member says which release it is of."""

TIMEOUT_SECONDS = 30


@dataclass(frozen=True, kw_only=True)
class Answer:
    """To what was asked at `at`. `release` is empty if no member answered, `status` 0 if nobody."""

    at: datetime
    status: int
    release: str

    @property
    def good(self) -> bool:
        """Whether the order is placed."""
        return self.status == HTTPStatus.CREATED


@dataclass(kw_only=True)
class Callers:
    """So many callers at once, while their block lasts, in a thread of their own.

    `url` is posted `order`. Without answer after 30 s a request has failed.
    """

    url: str
    order: Mapping[str, Any]
    count: int = 8
    rest_seconds: float = 0.05
    answers: list[Answer] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Callers":
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._all()), name="callers", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()

    async def _all(self) -> None:
        async with _session() as session:
            await asyncio.gather(*(self._call(session) for _ in range(self.count)))

    async def _call(self, session: aiohttp.ClientSession) -> None:
        while not self._ended.is_set():
            self.answers.append(await _ask(session, self.url, self.order))
            await asyncio.sleep(self.rest_seconds)


def answers_soon(url: str, order: Mapping[str, Any], *, seconds: float, row: int = 20) -> bool:
    """Whether so many requests in a row were answered well before `seconds` are over."""

    async def asked() -> bool:
        deadline, good = time.monotonic() + seconds, 0
        async with _session() as session:
            while good < row and time.monotonic() < deadline:
                good = good + 1 if (await _ask(session, url, order)).good else 0
                await asyncio.sleep(0.05)
        return good >= row

    return asyncio.run(asked())


def ask_once(url: str, order: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    """One request with these headers."""

    async def asked() -> Answer:
        async with _session(headers) as session:
            return await _ask(session, url, order)

    return asyncio.run(asked())


def _session(headers: Mapping[str, str] | None = None) -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
    return aiohttp.ClientSession(timeout=timeout, headers=headers)


async def _ask(session: aiohttp.ClientSession, url: str, order: Mapping[str, Any]) -> Answer:
    at = datetime.now(UTC)
    try:
        async with session.post(url, json=order) as answer:
            await answer.read()
            told = answer.headers.get(RELEASE_HEADER, "")
            return Answer(at=at, status=answer.status, release=told)
    except (aiohttp.ClientError, TimeoutError):
        return Answer(at=at, status=0, release="")
