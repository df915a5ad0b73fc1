"""Who answers a request: a pure function of the rules, the targets' health and two numbers.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address, ip_network

from paved_road_lab.balancers.health import State
from paved_road_lab.balancers.model import (
    Action,
    Condition,
    Fixed,
    Forward,
    Listener,
    NotEmulated,
    Redirect,
    Target,
    TargetGroup,
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Of a request, what rules may look at. Header names are in lower case."""

    method: str
    host: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Sequence[tuple[str, str]] = ()
    source: str = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A target of a target group."""

    group: str
    target: Target


@dataclass(frozen=True, kw_only=True)
class Nobody:
    """The target group that was drawn has no target to send to: 503. No other group steps in."""

    group: str


Choice = Chosen | Nobody | Fixed | Redirect | NotEmulated


def choose(
    action: Action,
    groups: Mapping[str, TargetGroup],
    states: Mapping[tuple[str, str], State],
    *,
    draw: float,
    turn: Mapping[str, int],
) -> Choice:
    """What happens to a request whose rule says `action`.

    `draw` is from 0 to below 1 and decides between target groups; `turn` counts what each group
    was given so far, so that its targets take turns. `states` is by group and target.
    """
    if not isinstance(action, Forward):
        return action
    arn = drawn(action.weights, draw)
    if arn is None or arn not in groups:
        return Nobody(group=arn or "")
    able = takers(groups[arn], states)
    if not able:
        return Nobody(group=arn)
    return Chosen(group=arn, target=able[turn.get(arn, 0) % len(able)])


def drawn(weights: Mapping[str, int], draw: float) -> str | None:
    """The target group at `draw` of all weight; None if nothing has weight.

    Weight on an empty group is weight all the same: load balancers do not fail away from it.
    """
    left = draw * sum(weights.values())
    for arn, weight in weights.items():
        if left < weight:
            return arn
        left -= weight
    # What rounding leaves over belongs to the last one that has any weight.
    return next((arn for arn in reversed(list(weights)) if weights[arn]), None)


def takers(group: TargetGroup, states: Mapping[tuple[str, str], State]) -> list[Target]:
    """Healthy targets; if all that were checked are unhealthy, these: it fails open.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    of_state: dict[State, list[Target]] = {state: [] for state in State}
    for target in group.targets:
        of_state[states.get((group.arn, target.id), State.INITIAL)].append(target)
    if of_state[State.HEALTHY]:
        return of_state[State.HEALTHY]
    return [] if of_state[State.INITIAL] else of_state[State.UNHEALTHY]


def action_for(listener: Listener, asked: Asked) -> Action:
    """Of the first rule whose conditions all hold; the default rule has none."""
    for rule in listener.rules:
        if all(_holds(condition, asked) for condition in rule.conditions):
            return rule.action
    return NotEmulated(type="no default rule")


def _holds(condition: Condition, asked: Asked) -> bool:
    """A condition that the lab does not know never holds."""
    holds = _CONDITIONS.get(condition.field)
    return holds is not None and holds(condition, asked)


def _header(condition: Condition, asked: Asked) -> bool:
    value = asked.headers.get(condition.name.lower())
    return value is not None and _any_like(condition.values, value, fold=True)


def _query(condition: Condition, asked: Asked) -> bool:
    return any(
        _like(wanted.partition("=")[0], key, fold=True)
        and _like(wanted.partition("=")[2], value, fold=True)
        for wanted in condition.values
        for key, value in asked.query
    )


def _source(condition: Condition, asked: Asked) -> bool:
    address = ip_address(asked.source)
    return any(address in ip_network(one) for one in condition.values)


_CONDITIONS: Mapping[str, Callable[[Condition, Asked], bool]] = {
    "host-header": lambda one, asked: _any_like(
        one.values, asked.host.partition(":")[0], fold=True
    ),
    "http-header": _header,
    "http-request-method": lambda one, asked: asked.method in one.values,
    "path-pattern": lambda one, asked: _any_like(one.values, asked.path),
    "query-string": _query,
    "source-ip": _source,
}


def _any_like(patterns: Sequence[str], value: str, *, fold: bool = False) -> bool:
    return any(_like(pattern, value, fold=fold) for pattern in patterns)


def _like(pattern: str, value: str, *, fold: bool) -> bool:
    return _compiled(pattern, fold).fullmatch(value) is not None


@cache
def _compiled(pattern: str, fold: bool) -> re.Pattern[str]:
    """`*` is any text, `?` any character; `fnmatch` would also read brackets."""
    parts = {"*": ".*", "?": "."}
    text = "".join(parts.get(one, re.escape(one)) for one in pattern)
    return re.compile(text, re.DOTALL | (re.IGNORECASE if fold else 0))
