"""A cloud some of whose calls are watched: counted, or ended before or after they are done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from paved_road_delivery.cloud import Cloud

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

Around = Callable[[str, dict[str, Any], Callable[[], Any]], Any]
"""Gets a call's name, what it is given, and what does it; returns its answer."""


@dataclass(frozen=True)
class Watched:
    """`inner` with `around` at each of `calls`; `before` is asked before any call at all."""

    inner: Cloud
    around: Around
    calls: frozenset[str] = WRITES
    before: Callable[[], None] = lambda: None

    @property
    def environment(self) -> Any:
        return self.inner.environment

    def client(self, service: str, region: str) -> Any:
        return _Client(self, self.inner.client(service, region))


class _Client:
    def __init__(self, cloud: Watched, client: Any) -> None:
        self._cloud, self._client = cloud, client

    def __getattr__(self, name: str) -> Any:
        self._cloud.before()
        method = getattr(self._client, name)
        if name not in self._cloud.calls:
            return method

        def call(**given: Any) -> Any:
            return self._cloud.around(name, given, lambda: method(**given))

        return call
