"""A driver that is killed after each of its writing calls, one call at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Ask, Seen, Step, Verdict
from paved_road_delivery.service import LiveService
from tests.delivery.watched import Watched


class KilledError(BaseException):
    """Ends a driver without a word: no handler of errors may see it."""


@dataclass
class Deadly:
    """Kills whoever makes a writing call that nobody was killed after before."""

    killed_after: set[str]
    dead: bool = False

    def look(self) -> None:
        if self.dead:
            raise KilledError

    def around(self, name: str, given: dict[str, Any], call: Callable[[], Any]) -> Any:
        answer = call()
        # A hold's times differ in every call of the same kind.
        known = {**given, "Value": ""} if "/holders/" in str(given) else given
        if (what := f"{name} {known}") not in self.killed_after:
            self.killed_after.add(what)
            self.dead = True
            raise KilledError
        return answer


def run_dying(
    service: LiveService,
    ask: Ask,
    meanwhile: Callable[[], None],
    judge: Callable[[Seen], Verdict | None] = lambda _: None,
) -> tuple[Step, int]:
    """The last step, and how many drivers died on the way; `meanwhile` runs after each death."""
    killed_after: set[str] = set()
    for died in range(200):
        deadly = Deadly(killed_after)
        cloud = Watched(service.cloud, deadly.around, before=deadly.look)
        driver = Driver(replace(service, cloud=cloud), lambda _: None, judge, pause=lambda _: None)
        try:
            return driver.run(ask), died
        except KilledError:
            meanwhile()
    raise AssertionError("no end after 200 drivers")
