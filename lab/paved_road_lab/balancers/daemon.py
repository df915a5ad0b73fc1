"""`python -m paved_road_lab.balancers.daemon --folder .lab --regions us-east-1`.

Started by the hosts' daemon, and ended with it: load balancers without instances are of no use.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Sequence
from typing import Any

import aiohttp

from paved_road_lab.balancers.fleet import Fleet, told
from paved_road_lab.balancers.model import routing
from paved_road_lab.balancers.publish import publish
from paved_road_lab.beside import begin, starter_lives
from paved_road_lab.cloud import LabCloud
from paved_road_lab.server import BALANCERS_PATH, TOKEN_HEADER
from paved_road_lab.state import Lab

LOOK_SECONDS = 0.1
"""How often the emulator is asked: what a changed rule takes to be followed, at most."""

log = logging.getLogger("balancers")


def main() -> None:
    """Run until terminated, or until whoever started it is gone."""
    asyncio.run(run(*begin("paved_road_lab.balancers.daemon", __doc__)))


async def run(lab: Lab, regions: Sequence[str]) -> None:
    """Follow the emulator's rules, and tell it how targets are."""
    ended, needed = asyncio.Event(), starter_lives()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    fleet, emulator = Fleet(), _Emulator(lab, regions)
    publishing = asyncio.create_task(publish(LabCloud(lab), fleet.measured))
    try:
        while not ended.is_set() and needed():
            try:
                await emulator.exchange(fleet)
            except (aiohttp.ClientError, TimeoutError) as error:
                log.warning("the emulator does not answer: %s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), LOOK_SECONDS)
    finally:
        publishing.cancel()
        await emulator.close()
        await fleet.close()


class _Emulator:
    """The emulator's own address for what forwards."""

    def __init__(self, lab: Lab, regions: Sequence[str]) -> None:
        self._url = lab.endpoint + BALANCERS_PATH
        self._regions = sorted(regions)
        self._session = aiohttp.ClientSession(
            headers={TOKEN_HEADER: lab.token},
            timeout=aiohttp.ClientTimeout(total=5),
            raise_for_status=True,
        )
        self._read: Any = None
        self._said: Any = None

    async def exchange(self, fleet: Fleet) -> None:
        """Hear what is, say how targets are; nothing is done about what did not change."""
        async with self._session.get(self._url, params={"regions": ",".join(self._regions)}) as got:
            read = await got.json()
        if read != self._read:
            await fleet.follow(routing(read))
            self._read = read
        else:
            await fleet.listen()
        await self._say(
            {
                "regions": self._regions,
                "health": told(fleet.health()),
                "not_emulated": fleet.not_emulated(),
            }
        )

    async def _say(self, saying: Any) -> None:  # noqa: ANN401 - JSON
        if saying != self._said:
            await (await self._session.post(self._url, json=saying)).release()
            self._said = saying

    async def close(self) -> None:
        """Say that nothing forwards any more."""
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            await self._say({"regions": [], "health": [], "not_emulated": {}})
        await self._session.close()


if __name__ == "__main__":
    main()
