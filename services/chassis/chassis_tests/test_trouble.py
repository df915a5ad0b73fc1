"""Trouble is what was asked for, never more, and never of health."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from chassis_tests.served import client, served
from paved_road_chassis.health import Health
from paved_road_chassis.intake import intake
from paved_road_chassis.settings import MissingSettingError
from paved_road_chassis.trouble import MOST_DELAY_MS, Trouble


def test_nothing_is_asked_for_by_default() -> None:
    assert Trouble.read({}) == Trouble()


def test_settings_are_read() -> None:
    assert Trouble.read({"FAULT_ERRORS": "0.05", "FAULT_DELAY_MS": "80"}) == Trouble(
        errors=0.05, delay_ms=80
    )
    assert Trouble.read({"FAULT_WHILE": "/tmp/bad"}).file == Path("/tmp/bad")  # noqa: S108 - a name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FAULT_ERRORS", "1.5"),
        ("FAULT_ERRORS", "-1"),
        ("FAULT_ERRORS", "many"),
        ("FAULT_ERRORS", "nan"),
        ("FAULT_DELAY_MS", str(MOST_DELAY_MS + 1)),
    ],
)
def test_what_cannot_be_is_refused(name: str, value: str) -> None:
    with pytest.raises(MissingSettingError, match=name):
        Trouble.read({name: value})


def test_so_many_requests_fail_and_health_never() -> None:
    draws = iter([0.1, 0.7, 0.49, 0.5])

    async def fine(_: web.Request) -> web.Response:
        return web.Response(text="fine")

    async def run() -> list[int]:
        health = Health()
        trouble = Trouble(errors=0.5, delay_ms=1).middleware(lambda: next(draws))
        app = web.Application(middlewares=[intake(health, "x-v001"), trouble])
        app.add_routes([*health.routes(), web.get("/fine", fine)])
        async with served(app=app) as url, client() as session:
            seen = []
            for path in ("/fine", "/health/ready", "/fine", "/fine", "/health/live", "/fine"):
                async with session.get(url + path) as answer:
                    seen.append(answer.status)
                    named = answer.headers.get("X-Release") == "x-v001"
                    assert named is path.startswith("/fine")
            return seen

    assert asyncio.run(run()) == [500, 200, 200, 500, 200, 200]


def test_with_a_file_it_begins_and_ends_with_it(tmp_path: Path) -> None:
    file = tmp_path / "bad"

    async def fine(_: web.Request) -> web.Response:
        return web.Response(text="fine")

    async def run() -> list[int]:
        seen = []
        app = web.Application(middlewares=[Trouble(errors=1, file=file).middleware()])
        app.add_routes([web.get("/fine", fine)])
        async with served(app=app) as url, client() as session:
            for bad in (False, True, False):
                file.touch() if bad else file.unlink(missing_ok=True)
                async with session.get(f"{url}/fine") as answer:
                    seen.append(answer.status)
        return seen

    assert asyncio.run(run()) == [200, 500, 200]
