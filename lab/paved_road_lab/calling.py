"""`python -m paved_road_lab.calling URL ORDER CALLERS PER_SECOND`: posts orders, tells each answer.

A process of its own, so that callers do not wait for whoever watches them. Each caller is a loop
that is closed: it asks again only when it was answered, and never makes up for what was late.
Says a JSON list of `[began, ended, status, release]` a line, in seconds of the machine's monotonic
clock; ends, with the last answer, when standard input does.
"""

import argparse
import asyncio
import json
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import aiohttp

RELEASE_HEADER = "X-Release"
"""In which a member says which release it is of."""

TELL_SECONDS = 0.05
PATIENCE_SECONDS = 30
"""Without answer for so long a request has failed."""

Told = tuple[float, float, int, str]


def main() -> None:
    """Call until nobody listens any more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("order", type=json.loads)
    parser.add_argument("callers", type=int)
    parser.add_argument("per_second", type=float, help="All callers together, at most.")
    parser.add_argument("--headers", type=json.loads, default={})
    asyncio.run(run(parser.parse_args()))


async def run(options: argparse.Namespace) -> None:
    """All callers at once, their first calls spread over one turn."""
    ended, told = asyncio.Event(), list[Told]()
    _hear_the_end(ended)
    turn = options.callers / options.per_second
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=options.callers),
        headers=options.headers,
        timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS),
    ) as session:
        post = partial(ask, session, options.url, options.order)
        callers = asyncio.gather(
            *(
                _call(post, turn, number / options.per_second, ended, told)
                for number in range(options.callers)
            )
        )
        while not callers.done():
            await asyncio.wait([callers], timeout=TELL_SECONDS)
            _tell(told)
        await callers


async def _call(
    post: Callable[[], Awaitable[tuple[int, str]]],
    turn: float,
    first: float,
    ended: asyncio.Event,
    told: list[Told],
) -> None:
    due = time.monotonic() + first
    while not await _within(ended, due - time.monotonic()):
        began = time.monotonic()
        status, release = await post()
        told.append((began, time.monotonic(), status, release))
        due = max(due + turn, time.monotonic())


async def ask(
    session: aiohttp.ClientSession, url: str, order: Mapping[str, Any]
) -> tuple[int, str]:
    """The status, 0 if there was no answer, and who answered."""
    try:
        async with session.post(url, json=order) as answer:
            await answer.read()
            return answer.status, answer.headers.get(RELEASE_HEADER, "")
    except (aiohttp.ClientError, TimeoutError):
        return 0, ""


async def _within(ended: asyncio.Event, seconds: float) -> bool:
    """Whether it is over, now or before so many seconds are."""
    if seconds <= 0:
        # Others have their turn, however late this one is.
        await asyncio.sleep(0)
        return ended.is_set()
    try:
        await asyncio.wait_for(ended.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _tell(told: list[Told]) -> None:
    if told:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        told.clear()


def _hear_the_end(ended: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def wait() -> None:
        sys.stdin.read()
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, daemon=True).start()


if __name__ == "__main__":
    main()
