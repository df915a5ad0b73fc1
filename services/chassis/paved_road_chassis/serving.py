"""Runs a service until it is told to end, and lets it end without losing a request."""

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from aiohttp import web

from paved_road_chassis.health import Health, Need
from paved_road_chassis.intake import intake
from paved_road_chassis.settings import MissingSettingError, Settings
from paved_road_chassis.tracing import traced
from paved_road_chassis.trouble import NO_TROUBLE, Trouble

KEEP_ALIVE_SECONDS = 75
"""Longer than the load balancer's idle timeout (60 s): else it may send a request into a connection
that the member closes at that moment, and has to answer 502.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
"""

log = logging.getLogger("paved-road.service")


@dataclass(frozen=True, kw_only=True)
class Member:
    """One running instance of a service: what it answers, what it needs, and how it ends."""

    routes: Iterable[web.RouteDef]
    needs: Mapping[str, Need]
    close: Callable[[], Awaitable[None]]


def run(build: Callable[[Settings], Member]) -> None:
    """Serve until SIGTERM or SIGINT, then drain and return.

    Ends the process with code 2 and a sentence if a setting is missing.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    try:
        settings = Settings.read()
        member = build(settings)
        trouble = Trouble.read()
    except MissingSettingError as error:
        log.error("%s", error)  # noqa: TRY400 - the sentence is enough
        raise SystemExit(2) from None
    asyncio.run(serve(member, settings, trouble=trouble))


async def serve(
    member: Member,
    settings: Settings,
    ended: asyncio.Event | None = None,
    *,
    trouble: Trouble = NO_TROUBLE,
) -> None:
    """The same inside a loop. `ended` stands for the signals; none given, they are heard.

    At the end the member says that it is not ready and serves on for the notice, then takes no
    connection any more and finishes what runs.
    """
    if ended is None:
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    health = Health(needs=dict(member.needs))
    runner = web.AppRunner(
        application(member, health, settings, trouble),
        access_log=None,
        keepalive_timeout=KEEP_ALIVE_SECONDS,
        shutdown_timeout=settings.drain_seconds,
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.address, settings.port).start()
        log.info("%s listens at %s:%d", settings.release, settings.address, settings.port)
        await ended.wait()
        health.draining = True
        log.info("%s drains", settings.release)
        await asyncio.sleep(settings.notice_seconds)
    finally:
        await runner.cleanup()
        await member.close()
    log.info("%s has ended", settings.release)


def application(
    member: Member, health: Health, settings: Settings, trouble: Trouble = NO_TROUBLE
) -> web.Application:
    """A service's routes behind what every service has."""
    asked_for = [] if trouble == NO_TROUBLE else [trouble.middleware()]
    made = web.Application(middlewares=[traced, intake(health, settings.release), *asked_for])
    made.add_routes([*health.routes(), *member.routes])
    return made
