"""Calls give up in time, are repeated where that helps, and not made while the other is down."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from chassis_tests.served import served
from paved_road_chassis.calls import Answer, Other, Patience, UnavailableError

Use = Callable[[Other], Awaitable[None]]


class Moody:
    """Answers what it was told to, in turn, then 200; a float is how long it says nothing."""

    def __init__(self, *moods: int | float) -> None:
        self.moods, self.asked = list(moods), 0
        self.now, self.most_at_once = 0, 0

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        mood = self.moods.pop(0) if self.moods else 200
        self.now += 1
        self.most_at_once = max(self.most_at_once, self.now)
        if isinstance(mood, float):
            await asyncio.sleep(mood)
        self.now -= 1
        return web.json_response({"asked": self.asked}, status=200 if mood < 1 else int(mood))


def using(moody: Moody, use: Use, patience: Patience | None = None) -> None:
    async def run() -> None:
        routes = [web.get("/", moody.answer), web.put("/", moody.answer)]
        async with served(*routes) as url:
            other = Other(url, patience)
            try:
                await use(other)
            finally:
                await other.close()

    asyncio.run(run())


@pytest.mark.parametrize("mood", [502, 503, 504])
def test_what_passes_is_asked_again(mood: int) -> None:
    async def use(other: Other) -> None:
        assert await other.get("/") == Answer(200, {"asked": 3})

    using(Moody(mood, mood), use)


@pytest.mark.parametrize("mood", [400, 404, 409, 500])
def test_the_others_own_word_is_taken_at_once(mood: int) -> None:
    async def use(other: Other) -> None:
        assert await other.put("/", {}) == Answer(mood, {"asked": 1})

    using(Moody(mood), use)


def test_a_refusal_that_is_no_json_is_taken_at_once_too() -> None:
    asked = []

    async def refuse(request: web.Request) -> web.Response:
        asked.append(request)
        return web.Response(status=500, text="500 Internal Server Error")

    async def run() -> None:
        async with served(web.put("/", refuse)) as url:
            other = Other(url)
            assert await other.put("/", {}) == Answer(500, None)
            await other.close()

    asyncio.run(run())
    assert len(asked) == 1


def test_silence_is_cut_off_and_asked_again() -> None:
    async def use(other: Other) -> None:
        assert (await other.get("/")).body == {"asked": 2}

    using(Moody(0.9), use, Patience(try_seconds=0.1))


def test_no_more_tries_than_agreed() -> None:
    moody = Moody(*[503] * 10)

    async def use(other: Other) -> None:
        with pytest.raises(UnavailableError, match="answered 503"):
            await other.get("/")

    using(moody, use)
    assert moody.asked == 3


def test_with_the_budget_spent_nothing_is_repeated() -> None:
    """20 calls of 3 tries would be 60; ten retries are the credit, two are earned."""
    moody = Moody(*[503] * 100)

    async def use(other: Other) -> None:
        for _ in range(20):
            with pytest.raises(UnavailableError):
                await other.get("/")

    using(moody, use, Patience(failures_to_open=1000))
    assert 30 <= moody.asked <= 32


def test_after_failures_in_a_row_it_is_left_alone_and_tried_again_later() -> None:
    moody = Moody(*[503] * 4)

    async def use(other: Other) -> None:
        for _ in range(4):
            with pytest.raises(UnavailableError):
                await other.get("/")
        with pytest.raises(UnavailableError, match="not asked again yet"):
            await other.get("/")
        assert moody.asked == 4
        assert await other.answers("/"), "whether it is back is asked past the breaker"

        async def back() -> bool:
            try:
                return (await other.get("/")).status == 200
            except UnavailableError:
                return False

        async with asyncio.timeout(10):
            while not await back():
                await asyncio.sleep(0.02)

    using(moody, use, Patience(tries=1, failures_to_open=4, open_seconds=0.2))
    assert moody.asked == 6


def test_one_call_finds_out_whether_it_is_back_and_the_others_wait_for_nothing() -> None:
    moody = Moody(503, 0.5)

    async def use(other: Other) -> None:
        with pytest.raises(UnavailableError):
            await other.get("/")
        async with asyncio.timeout(10):
            asks = [asyncio.create_task(other.get("/"))]
            while moody.asked < 2:
                asks += [asyncio.create_task(other.get("/"))]
                await asyncio.sleep(0.02)
        asks += [asyncio.create_task(other.get("/")) for _ in range(5)]
        answers = await asyncio.gather(*asks, return_exceptions=True)
        assert [one for one in answers if isinstance(one, Answer)] == [Answer(200, {"asked": 2})]
        assert moody.asked == 2
        assert (await other.get("/")).status == 200

    using(moody, use, Patience(tries=1, failures_to_open=1, open_seconds=0.1))


def test_a_slow_one_holds_no_more_connections_than_its_own() -> None:
    moody = Moody(*[0.2] * 5)

    async def use(other: Other) -> None:
        await asyncio.gather(*(other.get("/") for _ in range(5)))

    using(moody, use, Patience(try_seconds=60, all_seconds=60, tries=1, most_at_once=2))
    assert (moody.asked, moody.most_at_once) == (5, 2)


def test_waiting_for_a_connection_counts_as_time() -> None:
    async def use(other: Other) -> None:
        first, second = (asyncio.create_task(other.get("/")) for _ in range(2))
        ends = await asyncio.gather(first, second, return_exceptions=True)
        assert [type(end) for end in ends] == [UnavailableError] * 2

    using(Moody(*[60.0] * 2), use, Patience(try_seconds=0.3, tries=1, most_at_once=1))


def test_nobody_there_is_unavailable() -> None:
    async def run() -> None:
        async with served() as url:
            pass
        other = Other(url)
        with pytest.raises(UnavailableError):
            await other.get("/")
        assert not await other.answers("/")
        await other.close()

    asyncio.run(run())


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="no address of a service"):
        Other("orders-data:80")
