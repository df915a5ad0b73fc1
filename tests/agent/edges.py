"""What an agent does to the world, counted, and the end of an agent after any such step."""

from dataclasses import dataclass, field
from typing import Any

READS = {
    "admits_clients",
    "all_claims",
    "backups",
    "birth",
    "claim",
    "claims",
    "every_claim",
    "group_of",
    "instances",
    "keyspaces",
    "lease",
    "members",
    "repair",
    "repair_state",
}
"""Steps that leave no trace: a kill after one is a kill after the last step that did."""


class Killed(BaseException):
    """kill -9, so nothing may catch it."""


@dataclass
class Edges:
    """Steps of one agent that the world saw; it is killed after number `kill_at`."""

    kill_at: int = 0
    count: int = 0
    names: list[str] = field(default_factory=list)

    def passed(self, name: str) -> None:
        """The step was taken; what it returns may never arrive."""
        if name in READS:
            return
        self.count += 1
        self.names.append(name)
        if self.count == self.kill_at:
            raise Killed(name)

    def around(self, target: Any) -> Any:
        """`target`, with every call of its public methods counted."""
        return _Watched(target, self)


class _Watched:
    def __init__(self, target: Any, edges: Edges) -> None:
        self._target, self._edges = target, edges

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return found

        def call(*given: Any, **named: Any) -> Any:
            answer = found(*given, **named)
            self._edges.passed(name)
            return answer

        return call
