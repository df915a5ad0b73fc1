"""When a target is healthy: a pure function of what its checks answered.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from paved_road_lab.balancers.model import Check


class State(StrEnum):
    """As `describe-target-health` says it."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    DRAINING = "draining"


@dataclass(frozen=True, kw_only=True)
class Health:
    """One target's. `row` is how many checks in a row said what the last one said."""

    state: State = State.INITIAL
    passed: bool = False
    row: int = 0
    why: str = ""


def after(health: Health, check: Check, *, fault: str) -> Health:
    """Once one more check has ended: passed if `fault` is empty.

    A new target needs to pass one check only; after that changes need as many in a row as the
    target group says.
    """
    passed = not fault
    row = health.row + 1 if health.row and health.passed == passed else 1
    seen = replace(health, passed=passed, row=row, why=fault)
    if passed and (health.state is State.INITIAL or row >= check.healthy_after):
        return replace(seen, state=State.HEALTHY)
    if not passed and row >= check.unhealthy_after:
        return replace(seen, state=State.UNHEALTHY)
    return seen


def fault_of(check: Check, status: int) -> str:
    """Empty if the target group takes that status for healthy."""
    if any(first <= status <= last for first, last in check.statuses):
        return ""
    return f"Health checks failed with these codes: [{status}]"
