"""Calls of another service: bounded in time, number and tries, and not made while it is down.

- Timeouts: one for each try, one for all of them (aiohttp).
- Retries: only what may be repeated, after a growing, random pause (tenacity), within a budget.
- Circuit breaker: after failures in a row nothing is sent for a while, then one try decides
  (pybreaker).
- Bulkhead: each called service has a pool of connections of its own, and waiting for a place in it
  counts as time (aiohttp), so that a slow one takes nothing from the others.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitBreakerError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    stop_after_attempt,
    stop_after_delay,
    wait_random_exponential,
)

from paved_road_chassis.budget import RetryBudget
from paved_road_chassis.tracing import pass_on

PASSING = frozenset(
    {HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT}
)
"""Statuses that say that another try may do better."""


class UnavailableError(Exception):
    """The other service did not answer. Says where it is: for logs, not for callers."""


class DownError(UnavailableError):
    """It is known to be down, and was not asked."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long and how often. All tries together fit into a request's own time (5 s)."""

    try_seconds: float = 1.0
    all_seconds: float = 3.0
    tries: int = 3
    most_at_once: int = 32
    failures_to_open: int = 10
    open_seconds: float = 5.0


@dataclass(frozen=True)
class Answer:
    """A status that is the other service's word, and its body."""

    status: int
    body: Any


class Other:
    """Another service at `url`. Close it when the member ends."""

    def __init__(self, url: str, patience: Patience | None = None) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"{url!r} is no address of a service")
        self._url = url.rstrip("/")
        self._patience = patience or Patience()
        self._budget = RetryBudget()
        self._breaker = CircuitBreaker(
            fail_max=self._patience.failures_to_open,
            reset_timeout=self._patience.open_seconds,
        )
        self._trying = False
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str) -> Answer:
        """Raises `UnavailableError`."""
        return await self._repeat(_Call("GET", path))

    async def put(self, path: str, body: object) -> Answer:
        """Raises `UnavailableError`: it may have happened or not, and may be said again."""
        return await self._repeat(_Call("PUT", path, body))

    async def answers(self, path: str) -> bool:
        """Whether it answers that path with success at the first try, whatever the breaker says."""
        try:
            return (await self._send(_Call("GET", path))).status == HTTPStatus.OK
        except UnavailableError:
            return False

    async def close(self) -> None:
        """Give its connections back."""
        if self._session:
            await self._session.close()

    async def _repeat(self, call: "_Call") -> Answer:
        patience = self._patience
        self._budget.earn()
        tries = AsyncRetrying(
            retry=self._may_retry,
            stop=stop_after_attempt(patience.tries) | stop_after_delay(patience.all_seconds),
            wait=wait_random_exponential(multiplier=0.05, max=0.5),
            reraise=True,
        )
        return await tries(self._guarded, call)

    def _may_retry(self, state: RetryCallState) -> bool:
        failed = state.outcome.exception() if state.outcome else None
        passing = isinstance(failed, UnavailableError) and not isinstance(failed, DownError)
        return passing and state.attempt_number < self._patience.tries and self._budget.spend()

    async def _guarded(self, call: "_Call") -> Answer:
        """One call at a time finds out whether it is back: pybreaker lets all in that come before
        the first one's answer."""  # noqa: D205, D209 - one sentence says it
        if self._breaker.current_state == STATE_CLOSED:
            return await self._counted(call)
        if self._trying:
            raise DownError(f"{self._url} is down: another call finds out whether it is back")
        self._trying = True
        try:
            return await self._counted(call)
        finally:
            self._trying = False

    async def _counted(self, call: "_Call") -> Answer:
        try:
            with self._breaker.calling():
                return await self._send(call)
        except CircuitBreakerError as error:
            raise DownError(f"{self._url} is down: not asked again yet") from error

    async def _send(self, call: "_Call") -> Answer:
        headers: dict[str, str] = {}
        pass_on(headers)
        try:
            async with self._pool().request(
                call.method, self._url + call.path, json=call.body, headers=headers
            ) as answer:
                if answer.status in PASSING:
                    raise UnavailableError(f"{self._url} answered {answer.status}")
                return Answer(answer.status, await _body(answer))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise UnavailableError(f"{self._url}: {type(error).__name__} {error}") from error

    def _pool(self) -> aiohttp.ClientSession:
        """Made inside the running loop, at the first call."""
        if self._session is None:
            patience = self._patience
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=patience.most_at_once),
                timeout=aiohttp.ClientTimeout(total=patience.try_seconds),
            )
        return self._session


@dataclass(frozen=True)
class _Call:
    method: str
    path: str
    body: object = None


async def _body(answer: aiohttp.ClientResponse) -> Any:  # noqa: ANN401 - JSON
    """A refusal that is no JSON is a refusal all the same, and asking again changes nothing."""
    try:
        return await answer.json(content_type=None)
    except ValueError:
        if answer.ok:
            raise
        return None
