"""Who answers a request: rules in order, target groups by weight, targets by health."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paved_road_lab.balancers.choose import (
    Asked,
    Choice,
    Chosen,
    Nobody,
    action_for,
    choose,
    drawn,
    takers,
)
from paved_road_lab.balancers.health import State
from paved_road_lab.balancers.model import (
    Condition,
    Fixed,
    Forward,
    Listener,
    NotEmulated,
    Rule,
    Target,
    TargetGroup,
)

SHARES = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 999), min_size=1)
REFUSAL = Fixed(status=503)


def group(arn: str, count: int = 2) -> TargetGroup:
    targets = (Target(id=f"{arn}{n}", address="127.0.0.1", port=n) for n in range(count))
    return TargetGroup(arn=arn, targets=tuple(targets))


def states(group: TargetGroup, *given: State) -> dict[tuple[str, str], State]:
    return {
        (group.arn, target.id): state for target, state in zip(group.targets, given, strict=True)
    }


def asked(**given: Any) -> Asked:
    return Asked(**{"method": "GET", "host": "shop.example", "path": "/orders/1", **given})


def holds(condition: Condition, **given: Any) -> bool:
    rules = (Rule(action=Forward(weights={"a": 1}), conditions=(condition,)), Rule(action=REFUSAL))
    listener = Listener(arn="l", port=80, protocol="HTTP", rules=rules)
    return action_for(listener, asked(**given)) != REFUSAL


@given(SHARES, st.floats(0, 1, exclude_max=True))
def test_weight_alone_decides_who_is_drawn(weights: dict[str, int], draw: float) -> None:
    found = drawn(weights, draw)
    if not any(weights.values()):
        assert found is None
    else:
        assert found is not None
        assert weights[found] > 0


@given(SHARES.filter(lambda weights: any(weights.values())), st.integers())
def test_shares_follow_weights(weights: dict[str, int], seed: int) -> None:
    """Of a thousand even draws to one; of random ones to six deviations and some for rarity."""
    whole, count = sum(weights.values()), 1000
    even = Counter(drawn(weights, n / count) for n in range(count))
    dice = random.Random(seed)  # noqa: S311 - reproducible
    lots = Counter(drawn(weights, dice.random()) for _ in range(count))
    for arn, weight in weights.items():
        share = weight / whole
        assert abs(even[arn] - share * count) <= 1 + 1e-6
        assert abs(lots[arn] - share * count) <= 6 * (share * (1 - share) * count) ** 0.5 + 6


@given(st.lists(st.sampled_from([State.INITIAL, State.HEALTHY, State.UNHEALTHY])))
def test_only_healthy_targets_take_requests_unless_all_are_unhealthy(given: list[State]) -> None:
    made = group("a", len(given))
    found = [one.id for one in takers(made, states(made, *given))]
    by_state = {
        state: [one.id for one, its in zip(made.targets, given, strict=True) if its is state]
        for state in State
    }
    if by_state[State.HEALTHY]:
        assert found == by_state[State.HEALTHY]
    elif by_state[State.INITIAL]:
        assert found == []
    else:
        assert found == by_state[State.UNHEALTHY]


def test_targets_take_turns() -> None:
    made = group("a", 3)
    healthy = states(made, *[State.HEALTHY] * 3)
    chosen: list[Choice] = [
        choose(Forward(weights={"a": 1}), {"a": made}, healthy, draw=0.5, turn={"a": turn})
        for turn in range(6)
    ]
    ids = [one.target.id for one in chosen if isinstance(one, Chosen)]
    assert ids == ["a0", "a1", "a2"] * 2


def test_a_group_without_healthy_targets_keeps_its_share_of_nothing() -> None:
    """Load balancers do not fail away from an empty weighted group."""
    full, empty = group("a"), group("b", 0)
    healthy = states(full, State.HEALTHY, State.HEALTHY)
    action = Forward(weights={"a": 50, "b": 50})
    groups = {"a": full, "b": empty}
    assert isinstance(choose(action, groups, healthy, draw=0.49, turn={}), Chosen)
    assert choose(action, groups, healthy, draw=0.51, turn={}) == Nobody(group="b")
    assert choose(action, {"a": full}, healthy, draw=0.51, turn={}) == Nobody(group="b")


def test_what_is_not_forwarded_is_passed_through() -> None:
    for action in (REFUSAL, NotEmulated(type="authenticate-oidc")):
        assert choose(action, {}, {}, draw=0, turn={}) == action


def test_the_first_rule_that_holds_decides() -> None:
    tester = Condition(field="http-header", name="X-Cell", values=("testers", "v002"))
    path = Condition(field="path-pattern", values=("/orders/*",))
    rules = (
        Rule(action=Forward(weights={"new": 1}), conditions=(tester, path)),
        Rule(action=Forward(weights={"old": 1}), conditions=(path,)),
        Rule(action=REFUSAL),
    )
    listener = Listener(arn="l", port=80, protocol="HTTP", rules=rules)
    both = asked(headers={"x-cell": "V002"})
    assert action_for(listener, both) == Forward(weights={"new": 1})
    assert action_for(listener, asked()) == Forward(weights={"old": 1})
    assert action_for(listener, asked(path="/", headers={"x-cell": "v002"})) == REFUSAL


@pytest.mark.parametrize(
    ("condition", "given", "expected"),
    [
        (Condition(field="path-pattern", values=("/a/?", "/b/*")), {"path": "/a/x"}, True),
        (Condition(field="path-pattern", values=("/a/?",)), {"path": "/a/xy"}, False),
        (Condition(field="path-pattern", values=("/A",)), {"path": "/a"}, False),
        (Condition(field="path-pattern", values=("/[a]",)), {"path": "/a"}, False),
        (Condition(field="host-header", values=("*.example",)), {"host": "SHOP.example:80"}, True),
        (Condition(field="host-header", values=("example",)), {"host": "shop.example"}, False),
        (Condition(field="http-request-method", values=("POST",)), {"method": "POST"}, True),
        (Condition(field="http-request-method", values=("POST",)), {}, False),
        (Condition(field="query-string", values=("v=1?",)), {"query": [("V", "12")]}, True),
        (Condition(field="query-string", values=("*=12",)), {"query": [("any", "12")]}, True),
        (Condition(field="query-string", values=("v=1",)), {"query": [("v", "2")]}, False),
        (Condition(field="source-ip", values=("127.0.0.0/8",)), {}, True),
        (Condition(field="source-ip", values=("10.0.0.0/8",)), {}, False),
        (Condition(field="what-comes-next", values=("*",)), {}, False),
    ],
)
def test_conditions_hold_as_they_are_documented(
    condition: Condition, given: dict[str, Any], expected: bool
) -> None:
    assert holds(condition, **given) is expected
