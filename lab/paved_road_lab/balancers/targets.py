"""The targets of all load balancers: who is checked, who leaves, what is under way with whom."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import aiohttp

from paved_road_lab.balancers.health import Health, State
from paved_road_lab.balancers.model import Check, Routing, Target
from paved_road_lab.balancers.probe import watch

Key = tuple[str, str]
"""A target in a target group: its ARN and the target's id."""

Answer = TypeVar("Answer")

log = logging.getLogger("balancers")


class Targets:
    """Follows the emulator's target groups. Everything happens in one event loop."""

    def __init__(self) -> None:
        self._checked: dict[Key, tuple[Target, Check]] = {}
        self._watches: dict[Key, asyncio.Task[None]] = {}
        self._leaving: dict[Key, asyncio.TimerHandle] = {}
        self._under_way: dict[Key, set[asyncio.Task[Any]]] = {}
        self.health: dict[Key, Health] = {}
        """Of each target that is registered or leaves."""

    @property
    def states(self) -> Mapping[Key, State]:
        """The same in a word."""
        return {key: health.state for key, health in self.health.items()}

    def follow(self, routing: Routing, out: aiohttp.ClientSession) -> None:
        """Check whoever is there now, as its group says now, and let the others leave."""
        wanted = {
            (arn, target.id): (target, group.check)
            for arn, group in routing.groups.items()
            for target in group.targets
        }
        for key in self._checked.keys() - wanted.keys():
            group = routing.groups.get(key[0])
            self._leave(key, group.drain_seconds if group else None)
        for key, (target, check) in wanted.items():
            known = self._checked.get(key)
            if known != (target, check):
                stays = known is not None and known[0] == target
                self._enter(key, target, check, self.health[key] if stays else Health(), out)
        self._checked = wanted

    async def run(self, key: Key, asked: Coroutine[Any, Any, Answer]) -> Answer | None:
        """Its answer; None if the target's time to drain was over before it came."""
        task = asyncio.create_task(asked)
        running = self._under_way.setdefault(key, set())
        running.add(task)
        task.add_done_callback(running.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                return None
            task.cancel()
            raise

    def close(self) -> None:
        """Stop checking."""
        for handle in self._leaving.values():
            handle.cancel()
        for task in self._watches.values():
            task.cancel()

    def _enter(
        self, key: Key, target: Target, check: Check, health: Health, out: aiohttp.ClientSession
    ) -> None:
        """Checks that have another form now go on from what the former ones found."""
        if key in self._leaving:
            self._leaving.pop(key).cancel()
        if key in self._watches:
            self._watches.pop(key).cancel()
        self.health[key] = health

        def tell(health: Health) -> None:
            if health.state is not self.health[key].state:
                log.info("%s is %s %s", target.id, health.state, health.why)
            self.health[key] = health

        self._watches[key] = asyncio.create_task(watch(target, check, out, tell, health))

    def _leave(self, key: Key, drain_seconds: float | None) -> None:
        """No new request from now on; those under way may go on for the group's delay.

        A group that no rule names any more has no delay: nobody was deregistered from it.
        """
        self._watches.pop(key).cancel()
        if drain_seconds is None:
            self.health.pop(key)
            return
        self.health[key] = Health(state=State.DRAINING)
        loop = asyncio.get_running_loop()
        self._leaving[key] = loop.call_later(drain_seconds, self._gone, key)

    def _gone(self, key: Key) -> None:
        self._leaving.pop(key, None)
        self.health.pop(key, None)
        for task in self._under_way.pop(key, ()):
            task.cancel()
