"""A driver that is killed after each of its writing calls, one call at a time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from paved_road_delivery.cloud import Cloud
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Ask, Seen, Step, Verdict
from paved_road_delivery.service import LiveService

WRITES = frozenset(
    {
        "create_stack",
        "delete_parameters",
        "delete_stack",
        "modify_rule",
        "put_parameter",
        "set_rule_priorities",
        "update_auto_scaling_group",
        "update_stack",
        "update_termination_protection",
    }
)


class KilledError(BaseException):
    """Ends a driver without a word: no handler of errors may see it."""


@dataclass
class Deadly:
    """A cloud that kills whoever makes a writing call that nobody was killed after before."""

    inner: Cloud
    killed_after: set[str]
    dead: bool = False

    @property
    def environment(self) -> Any:
        return self.inner.environment

    def client(self, service: str, region: str) -> Any:
        return _Client(self, self.inner.client(service, region))


class _Client:
    def __init__(self, cloud: Deadly, client: Any) -> None:
        self._cloud, self._client = cloud, client

    def __getattr__(self, name: str) -> Any:
        if self._cloud.dead:
            raise KilledError
        method = getattr(self._client, name)
        if name not in WRITES:
            return method

        def call(**given: Any) -> Any:
            answer = method(**given)
            # A hold's times differ in every call of the same kind.
            known = {**given, "Value": ""} if "/holders/" in str(given) else given
            if (what := f"{name} {known}") not in self._cloud.killed_after:
                self._cloud.killed_after.add(what)
                self._cloud.dead = True
                raise KilledError
            return answer

        return call


def run_dying(
    service: LiveService,
    ask: Ask,
    meanwhile: Callable[[], None],
    judge: Callable[[Seen], Verdict | None] = lambda _: None,
) -> tuple[Step, int]:
    """The last step, and how many drivers died on the way; `meanwhile` runs after each death."""
    killed_after: set[str] = set()
    for died in range(200):
        deadly = Deadly(service.cloud, killed_after)
        driver = Driver(replace(service, cloud=deadly), lambda _: None, judge, pause=lambda _: None)
        try:
            return driver.run(ask), died
        except KilledError:
            meanwhile()
    raise AssertionError("no end after 200 drivers")
