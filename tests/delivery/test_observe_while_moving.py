"""A look at a service while somebody else walks it up never shows a rollback."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Promote
from paved_road_delivery.ladder.alarmed import alarmed
from paved_road_delivery.ladder.asks import LADDER
from paved_road_delivery.ladder.steps import Note
from paved_road_delivery.observe import observe
from paved_road_delivery.service import LiveService
from tests.delivery.releases import in_service
from tests.delivery.watched import Watched

RUNGS = tuple(replace(rung, soak=timedelta(0), judged=False) for rung in LADDER)


def overtaken(service: LiveService, happens: Callable[[], object]) -> LiveService:
    """The same, but that happens once, right after the rules of a listener were read."""
    left = [happens]

    def around(_: str, __: dict[str, Any], read: Callable[[], Any]) -> Any:
        answer = read()
        if left:
            left.pop()()
        return answer

    return replace(service, cloud=Watched(service.cloud, around, frozenset({"describe_rules"})))


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
    seen = observe(overtaken(service, lambda: climb(5)))
    assert alarmed(seen, "alarm") == "the alarm is over, and no other one is on"
    assert observe(service).live.share(new) == 5
