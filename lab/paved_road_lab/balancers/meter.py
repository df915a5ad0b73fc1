"""What load balancers measure: counted as requests go by, and taken once a second.

By load balancer, and by load balancer and target group where a target was chosen. Nothing is known
of zones, since the lab's load balancers have none.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from paved_road_lab.balancers.forward import Outcome
from paved_road_lab.balancers.health import State
from paved_road_lab.balancers.model import Forward, Routing

NAMESPACE = "AWS/ApplicationELB"

HEALTH = ("HealthyHostCount", "UnHealthyHostCount")
LATENCY, CONNECTIONS = "TargetResponseTime", "TargetConnectionErrorCount"
REQUESTS, PER_TARGET = "RequestCount", "RequestCountPerTarget"
ELB_SINGLE = frozenset({500, 502, 503, 504})
PUBLISHED = frozenset(
    {
        *HEALTH,
        *(LATENCY, CONNECTIONS, REQUESTS, PER_TARGET),
        *(f"HTTPCode_Target_{one}XX_Count" for one in (2, 3, 4, 5)),
        *(f"HTTPCode_ELB_{one}XX_Count" for one in (3, 4, 5)),
        *(f"HTTPCode_ELB_{one}_Count" for one in ELB_SINGLE),
    }
)
"""Names of all that is measured. Alarms on anything else are not looked at."""

PRECISION = 1.02
"""Latencies are told to two percent, so that a second holds few different ones."""

MOST_VALUES = 150
"""In one datum: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html"""

Place = tuple[str, str]
"""A load balancer's ARN, and a target group's or nothing."""


@dataclass
class Meter:
    """Counts until somebody takes them; bounded by how many load balancers and groups there are."""

    _counts: Counter[tuple[Place, str]] = field(default_factory=Counter)
    _latencies: dict[Place, Counter[float]] = field(default_factory=dict)

    def passed(self, balancer: str, group: str, outcome: Outcome) -> None:
        """A request that a target was chosen for."""
        for place in ((balancer, ""), (balancer, group)):
            self._counts[place, REQUESTS] += 1
            if not outcome.connected:
                self._counts[place, CONNECTIONS] += 1
            if outcome.answered:
                self._counts[place, f"HTTPCode_Target_{outcome.status // 100}XX_Count"] += 1
                latencies = self._latencies.setdefault(place, Counter())
                latencies[_rounded(outcome.seconds)] += 1
        if not outcome.answered:
            self.answered(balancer, outcome.status)

    def answered(self, balancer: str, status: int) -> None:
        """The load balancer's own answer, which it counts for itself alone and not as processed."""
        place = (balancer, "")
        if f"HTTPCode_ELB_{status // 100}XX_Count" in PUBLISHED:
            self._counts[place, f"HTTPCode_ELB_{status // 100}XX_Count"] += 1
        if status in ELB_SINGLE:
            self._counts[place, f"HTTPCode_ELB_{status}_Count"] += 1

    def take(
        self, routing: Routing, states: Mapping[tuple[str, str], State]
    ) -> dict[str, list[dict[str, Any]]]:
        """Everything since the last time as `PutMetricData` wants it, by region."""
        counts, latencies = self._counts, self._latencies
        self._counts, self._latencies = Counter(), {}
        healths = dict(_health(routing, states))
        found: dict[str, list[dict[str, Any]]] = {}
        for (place, name), count in sorted(counts.items()):
            found.setdefault(_region(place), []).append(_sum(place, name, count))
            healthy = healths.get((place, HEALTH[0]))
            if name == REQUESTS and healthy:
                found[_region(place)].append(_sum(place, PER_TARGET, count / healthy))
        for place, values in sorted(latencies.items()):
            found.setdefault(_region(place), []).extend(_latency(place, values))
        for (place, name), count in sorted(healths.items()):
            found.setdefault(_region(place), []).append(_sum(place, name, count))
        return found


def _health(
    routing: Routing, states: Mapping[tuple[str, str], State]
) -> Iterator[tuple[tuple[Place, str], int]]:
    """Of groups that any rule names, as far as they have targets."""
    for balancer in routing.balancers:
        named = {
            arn
            for listener in balancer.listeners
            for rule in listener.rules
            if isinstance(rule.action, Forward)
            for arn in rule.action.weights
        }
        for arn in sorted(named & routing.groups.keys()):
            targets = routing.groups[arn].targets
            seen = Counter(states.get((arn, one.id), State.INITIAL) for one in targets)
            if targets:
                yield ((balancer.arn, arn), HEALTH[0]), seen[State.HEALTHY]
                yield ((balancer.arn, arn), HEALTH[1]), seen[State.UNHEALTHY]


def _rounded(seconds: float) -> float:
    """To the nearest step of two percent, a tenth of a millisecond at least."""
    steps = round(math.log(max(seconds, 0.0001)) / math.log(PRECISION))
    return float(round(PRECISION**steps, 7))


def _sum(place: Place, name: str, value: float) -> dict[str, Any]:
    return {"MetricName": name, "Dimensions": _dimensions(place), "Value": value, "Unit": "Count"}


def _latency(place: Place, values: Counter[float]) -> Iterable[dict[str, Any]]:
    ordered = sorted(values.items())
    for start in range(0, len(ordered), MOST_VALUES):
        part = ordered[start : start + MOST_VALUES]
        yield {
            "MetricName": LATENCY,
            "Dimensions": _dimensions(place),
            "Values": [value for value, _ in part],
            "Counts": [count for _, count in part],
            "Unit": "Seconds",
        }


def _dimensions(place: Place) -> list[dict[str, str]]:
    balancer, group = place
    found = [{"Name": "LoadBalancer", "Value": balancer.partition(":loadbalancer/")[2]}]
    if group:
        found.append({"Name": "TargetGroup", "Value": group.rpartition(":")[2]})
    return found


def _region(place: Place) -> str:
    return place[0].split(":")[3]
