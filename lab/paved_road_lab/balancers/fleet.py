"""All load balancers of some regions: what listens, who is checked, who takes which request."""

import logging
import random
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import aiohttp
from aiohttp import web

from paved_road_lab.balancers import forward
from paved_road_lab.balancers.choose import Chosen, Nobody, action_for, choose
from paved_road_lab.balancers.health import Health
from paved_road_lab.balancers.meter import Meter
from paved_road_lab.balancers.model import (
    Balancer,
    Fixed,
    Listener,
    NotEmulated,
    Redirect,
    Routing,
    Target,
    lab_port,
)
from paved_road_lab.balancers.targets import Key, Targets

Place = tuple[str, int]

log = logging.getLogger("balancers")


class Fleet:
    """Follows the emulator's routing. Everything happens in one event loop."""

    def __init__(self) -> None:
        self._routing = Routing(groups={})
        self._listening: dict[Place, tuple[web.ServerRunner, str]] = {}
        self._targets = Targets()
        self._turns: Counter[str] = Counter()
        self._not_emulated: Counter[str] = Counter()
        self._meter = Meter()
        self._out: aiohttp.ClientSession | None = None

    async def follow(self, routing: Routing) -> None:
        """From now on this is what is forwarded: at once, without losing what is under way."""
        self._routing = routing
        self._targets.follow(routing, self._session)
        await self.listen()
        self._not_emulated = _not_emulated(routing)

    def health(self) -> dict[Key, Health]:
        """Of each target that is registered or leaves."""
        return dict(self._targets.health)

    def not_emulated(self) -> dict[str, int]:
        """What of the rules is not done here, by name and count."""
        return dict(self._not_emulated)

    def measured(self) -> dict[str, list[dict[str, Any]]]:
        """What load balancers measured since the last time, by region: `PutMetricData`'s data."""
        return self._meter.take(self._routing, self._targets.states)

    async def close(self) -> None:
        """Stop listening and checking."""
        self._targets.close()
        for runner, _ in self._listening.values():
            await runner.cleanup()
        if self._out:
            await self._out.close()

    @property
    def _session(self) -> aiohttp.ClientSession:
        self._out = self._out or forward.session()
        return self._out

    async def listen(self) -> None:
        """Wherever a listener is and nobody listens yet: a place may have been taken before."""
        wanted = {
            (balancer.address, lab_port(listener.port)): listener.arn
            for balancer in self._routing.balancers
            for listener in balancer.listeners
            if listener.protocol == "HTTP"
        }
        for place, (runner, arn) in list(self._listening.items()):
            if wanted.get(place) != arn:
                del self._listening[place]
                await runner.cleanup()
        for place, arn in wanted.items():
            if place not in self._listening:
                await self._listen(place, arn)

    async def _listen(self, place: Place, arn: str) -> None:
        async def answer(request: web.BaseRequest) -> web.StreamResponse:
            return await self._answer(arn, request)

        runner = web.ServerRunner(web.Server(answer, access_log=None), shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, *place, reuse_address=True).start()
        except OSError as error:
            log.error("can't listen at %s:%d: %s", *place, error)  # noqa: TRY400 - tried again
            await runner.cleanup()
            return
        log.info("listens at %s:%d", *place)
        self._listening[place] = (runner, arn)

    def _find(self, arn: str) -> tuple[Balancer, Listener] | None:
        for balancer in self._routing.balancers:
            for listener in balancer.listeners:
                if listener.arn == arn:
                    return balancer, listener
        return None

    async def _answer(self, arn: str, request: web.BaseRequest) -> web.StreamResponse:
        found = self._find(arn)
        if found is None:
            return forward.refusal(HTTPStatus.SERVICE_UNAVAILABLE)
        balancer, listener = found
        choice = choose(
            action_for(listener, forward.asked(request)),
            self._routing.groups,
            self._targets.states,
            draw=random.random(),  # noqa: S311 - traffic is no secret
            turn=self._turns,
        )
        match choice:
            case Chosen(group=group, target=target):
                self._turns[group] += 1
                return await self._forward((group, target.id), request, target, balancer, listener)
            case Fixed():
                own: web.StreamResponse = forward.fixed(choice)
            case Redirect():
                own = forward.redirect(choice, listener, request)
            case NotEmulated(type=type):
                own = web.Response(status=500, text=f"the lab does not emulate {type}\n")
            case Nobody():
                own = forward.refusal(HTTPStatus.SERVICE_UNAVAILABLE)
        self._meter.answered(balancer.arn, own.status)
        return own

    async def _forward(
        self,
        key: Key,
        request: web.BaseRequest,
        target: Target,
        balancer: Balancer,
        listener: Listener,
    ) -> web.StreamResponse:
        """For as long as the target has time, and counted however it ends."""
        told: list[forward.Outcome] = []

        def tell(outcome: forward.Outcome) -> None:
            told.append(outcome)
            self._meter.passed(balancer.arn, key[0], outcome)

        answer = await self._targets.run(
            key,
            forward.forward(request, target, listener, balancer.idle_seconds, self._session, tell),
        )
        if answer is None and not told:
            tell(forward.Outcome(status=HTTPStatus.BAD_GATEWAY))
        return answer or forward.refusal(HTTPStatus.BAD_GATEWAY)


def _not_emulated(routing: Routing) -> Counter[str]:
    counted: Counter[str] = Counter()
    for group in routing.groups.values():
        if group.left_out:
            counted["target at an address of another machine"] += group.left_out
    for balancer in routing.balancers:
        for listener in balancer.listeners:
            if listener.protocol != "HTTP":
                counted[f"{listener.protocol} listener"] += 1
            for rule in listener.rules:
                if isinstance(rule.action, NotEmulated):
                    counted[f"action {rule.action.type}"] += 1
    return counted


def told(health: Mapping[Key, Health]) -> list[dict[str, str]]:
    """For the emulator, which answers it to whoever describes targets' health."""
    return [
        {"group": arn, "target": id, "state": one.state.value, "why": one.why}
        for (arn, id), one in sorted(health.items())
    ]
