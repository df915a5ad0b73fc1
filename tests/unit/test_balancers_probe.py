"""A new target is found healthy as soon as it answers, and unhealthy no sooner than on AWS."""

import asyncio
from http import HTTPStatus
from unittest.mock import patch

import aiohttp
from aiohttp import web
from aiohttp.test_utils import unused_port

from paved_road_lab.balancers import probe
from paved_road_lab.balancers.health import Health, State
from paved_road_lab.balancers.model import Check, Target


class Late:
    """Answers its health check with success from the nth on."""

    def __init__(self, ready_at: int) -> None:
        self.ready_at, self.asked = ready_at, 0

    async def answer(self, request: web.BaseRequest) -> web.Response:
        assert request.headers["User-Agent"] == probe.AGENT
        self.asked += 1
        ready = self.asked >= self.ready_at
        return web.Response(status=HTTPStatus.OK if ready else HTTPStatus.SERVICE_UNAVAILABLE)


def states(late: Late, check: Check, until: State) -> list[State]:
    """What was told of a target until it was that."""

    async def run() -> list[State]:
        told: list[State] = []
        done = asyncio.Event()

        def tell(health: Health) -> None:
            told.append(health.state)
            if health.state is until:
                done.set()

        port = unused_port()
        runner = web.ServerRunner(web.Server(late.answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        target = Target(id="i-1", address="127.0.0.1", port=port)
        with patch.object(probe, "INITIAL_SECONDS", 0.01):
            async with aiohttp.ClientSession() as out, asyncio.timeout(30):
                task = asyncio.create_task(probe.watch(target, check, out, tell))
                await done.wait()
                task.cancel()
        await runner.cleanup()
        return told

    return asyncio.run(run())


def test_a_slow_start_is_no_failure() -> None:
    check = Check(interval_seconds=3600, unhealthy_after=2)
    assert states(Late(10), check, State.HEALTHY) == [State.INITIAL, State.HEALTHY]


def test_one_that_never_answers_is_unhealthy_after_its_intervals() -> None:
    late = Late(10**6)
    told = states(late, Check(interval_seconds=0.2, unhealthy_after=3), State.UNHEALTHY)
    assert told == [State.INITIAL, State.INITIAL, State.UNHEALTHY]
    assert late.asked > 3
