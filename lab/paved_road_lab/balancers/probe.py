"""Checks one target for as long as it is registered."""

import asyncio
from collections.abc import Callable

import aiohttp

from paved_road_lab.balancers.health import Health, State, after, fault_of
from paved_road_lab.balancers.model import Check, Target

AGENT = "ELB-HealthChecker/2.0"
INITIAL_SECONDS = 0.5
"""Between checks of a target that never answered. On AWS it is the interval."""

UNKNOWN = Health()


async def watch(
    target: Target,
    check: Check,
    out: aiohttp.ClientSession,
    tell: Callable[[Health], None],
    health: Health = UNKNOWN,
) -> None:
    """Check it again and again, and tell what each check makes of it. Ends by cancellation.

    A target that never answered is asked more often than it is on AWS, so that nobody waits for an
    interval to end; but it is no sooner unhealthy. `health` is what is known of it so far.
    """
    loop = asyncio.get_running_loop()
    counts_from = loop.time()
    while True:
        fault = await ask(target, check, out)
        if not fault or loop.time() >= counts_from:
            health = after(health, check, fault=fault)
            counts_from = loop.time() + check.interval_seconds
            tell(health)
        initial = health.state is State.INITIAL
        await asyncio.sleep(INITIAL_SECONDS if initial else check.interval_seconds)


async def ask(target: Target, check: Check, out: aiohttp.ClientSession) -> str:
    """What is wrong with it; empty if nothing is."""
    try:
        async with out.get(
            f"http://{target.address}:{target.port}{check.path}",
            headers={"User-Agent": AGENT, "Connection": "close"},
            timeout=aiohttp.ClientTimeout(total=check.timeout_seconds),
            allow_redirects=False,
        ) as answer:
            return fault_of(check, answer.status)
    except TimeoutError:
        return "Request timed out"
    except aiohttp.ClientError:
        return "Health checks failed"
