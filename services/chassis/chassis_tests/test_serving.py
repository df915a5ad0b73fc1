"""A member serves, says how it is, bounds what it takes, and ends without losing a request."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import ClientConnectionError, ClientSession, web
from aiohttp.test_utils import unused_port

from chassis_tests.served import client, served
from paved_road_chassis.calls import Other
from paved_road_chassis.health import Health
from paved_road_chassis.intake import intake
from paved_road_chassis.serving import Member, serve
from paved_road_chassis.settings import Settings

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class Slow:
    """Answers when it is let go."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    there: bool = True
    closed: bool = False

    async def answer(self, _: web.Request) -> web.Response:
        self.begun.set()
        await self.go.wait()
        return web.json_response({"done": True})

    async def need(self) -> bool:
        return self.there

    async def close(self) -> None:
        self.closed = True

    @property
    def member(self) -> Member:
        routes = [web.get("/slow", self.answer)]
        return Member(routes=routes, needs={"store": self.need}, close=self.close)


async def status(session: ClientSession, url: str) -> int:
    try:
        async with session.get(url) as answer:
            return answer.status
    except ClientConnectionError:
        return 0


async def reached(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():
            await asyncio.sleep(0.01)


def test_a_fault_of_ours_says_whose_it_is_and_not_what() -> None:
    async def fail(_: web.Request) -> web.Response:
        raise RuntimeError("10.0.0.7 is away")

    async def run() -> None:
        app = web.Application(middlewares=[intake(Health(), "x-v001")])
        async with served(web.get("/", fail), app=app) as url, client() as session:
            for path, code in (("/", 500), ("/nowhere", 404)):
                answer = await session.get(url + path)
                assert (answer.status, answer.headers["X-Release"]) == (code, "x-v001")
            assert "10.0.0.7" not in await (await session.get(url)).text()

    asyncio.run(run())


def test_a_member_that_is_told_to_end_first_says_so_then_finishes_what_runs() -> None:
    async def run() -> None:
        slow, ended = Slow(), asyncio.Event()
        settings = Settings(
            port=unused_port(), address="127.0.0.1", release="x-v001", notice_seconds=0.5
        )
        url = f"http://127.0.0.1:{settings.port}"
        serving = asyncio.create_task(serve(slow.member, settings, ended))
        async with client() as one, client() as other:

            async def ready(wanted: int) -> bool:
                return await status(other, f"{url}/health/ready") == wanted

            await reached(lambda: ready(200))
            slow.there = False
            assert await ready(503)
            assert await status(other, f"{url}/health/live") == 200
            slow.there = True
            asked = asyncio.create_task(one.get(f"{url}/slow"))
            await slow.begun.wait()
            ended.set()
            await reached(lambda: ready(503))
            late = asyncio.create_task(other.get(f"{url}/slow"))
            async with client() as third:
                assert await status(third, f"{url}/health/live") == 200, (
                    "taken in during the notice"
                )

                async def closed() -> bool:
                    return await status(third, f"{url}/health/live") == 0

                await reached(closed)
            assert not serving.done()
            slow.go.set()
            for answer in (await asked, await late):
                assert answer.status == 200
                assert answer.headers["X-Release"] == "x-v001"
                assert answer.headers["Connection"] == "close"
            await serving
        assert slow.closed

    asyncio.run(run())


def test_more_than_a_member_can_carry_is_turned_away_but_health_is_answered() -> None:
    async def run() -> None:
        slow, health = Slow(), Health()
        app = web.Application(middlewares=[intake(health, "x-v001", most=1)])
        app.add_routes(health.routes())
        async with served(*slow.member.routes, app=app) as url, client() as session:
            asked = asyncio.create_task(session.get(f"{url}/slow"))
            await slow.begun.wait()
            assert await status(session, f"{url}/slow") == 503
            assert await status(session, f"{url}/health/ready") == 200
            slow.go.set()
            assert (await asked).status == 200
            assert await status(session, f"{url}/slow") == 200

    asyncio.run(run())


def test_what_takes_too_long_is_answered_all_the_same() -> None:
    async def run() -> None:
        slow, health = Slow(), Health()
        app = web.Application(middlewares=[intake(health, "x-v001", seconds=0.1)])
        async with served(*slow.member.routes, app=app) as url, client() as session:
            assert await status(session, f"{url}/slow") == 504

    asyncio.run(run())


def test_a_need_that_fails_or_hangs_is_not_there() -> None:
    async def fails() -> bool:
        raise OSError

    async def there() -> bool:
        return True

    async def run() -> None:
        health = Health(needs={"a": fails, "b": there, "c": asyncio.Event().wait})
        assert await health.missing() == ["a", "c"]

    asyncio.run(run())


def test_a_trace_goes_through_a_member_to_what_it_calls() -> None:
    from paved_road_chassis.tracing import traced

    async def run() -> None:
        heard: list[str | None] = []

        async def hear(request: web.Request) -> web.Response:
            heard.append(request.headers.get("traceparent"))
            return web.json_response({})

        async with served(web.get("/", hear)) as behind:
            other = Other(behind)

            async def pass_on(_: web.Request) -> web.Response:
                return web.json_response((await other.get("/")).body)

            front = web.Application(middlewares=[traced])
            async with served(web.get("/", pass_on), app=front) as url, client() as session:
                await session.get(url, headers={"traceparent": TRACE})
                await session.get(url)
            await other.close()
        given, begun = (one.split("-") if one else [] for one in heard)
        assert given[:2] == TRACE.split("-")[:2]
        assert given[2] != TRACE.split("-")[2], "a span of its own"
        assert given[3] == "01"
        assert len(begun) == 4
        assert begun[1] != given[1]

    asyncio.run(run())
