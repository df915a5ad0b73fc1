"""Applications served on a free port inside a test's loop, and plain calls of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web


@asynccontextmanager
async def served(*routes: web.RouteDef, app: web.Application | None = None) -> AsyncIterator[str]:
    """The address of these routes, or of a whole application, while the block lasts."""
    made = app or web.Application()
    made.add_routes(routes)
    runner = web.AppRunner(made, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session
