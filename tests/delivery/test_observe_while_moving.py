"""A look at a service while somebody else walks it up never shows a rollback."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from paved_road_delivery.cloud import Cloud
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Promote
from paved_road_delivery.ladder.alarmed import alarmed
from paved_road_delivery.ladder.asks import LADDER
from paved_road_delivery.ladder.steps import Note
from paved_road_delivery.observe import observe
from paved_road_delivery.service import LiveService
from tests.delivery.releases import in_service

RUNGS = tuple(replace(rung, soak=timedelta(0), judged=False) for rung in LADDER)


@dataclass
class Overtaken:
    """A cloud in which something happens right after the rules of a listener were read."""

    inner: Cloud
    happens: Callable[[], object]

    @property
    def environment(self) -> Any:
        return self.inner.environment

    def client(self, service: str, region: str) -> Any:
        return _Client(self, self.inner.client(service, region))


class _Client:
    def __init__(self, cloud: Overtaken, client: Any) -> None:
        self._cloud, self._client = cloud, client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if name != "describe_rules":
            return method

        def read(**given: Any) -> Any:
            answer = method(**given)
            happens, self._cloud.happens = self._cloud.happens, lambda: None
            happens()
            return answer

        return read


@pytest.mark.slow
def test_the_walk_is_noted_higher_between_two_reads(service: LiveService) -> None:
    _, new = in_service(service, 1, 2)
    ask = Promote(by="ann", why="new prices", release=new, rungs=RUNGS)
    driver = Driver(service, lambda _: None, pause=lambda _: None)

    def climb(percent: int) -> None:
        """Until that is noted."""
        while (looked := driver.next(ask))[1] != Note(percent, cohort=True):
            driver.do(*looked, ask)
        driver.do(*looked, ask)

    climb(1)
    overtaken = replace(service, cloud=Overtaken(service.cloud, lambda: climb(5)))
    seen = observe(overtaken)
    assert alarmed(seen, "alarm") == "the alarm is over, and no other one is on"
    assert observe(service).live.share(new) == 5
