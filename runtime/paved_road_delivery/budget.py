"""How long users of a bad release suffer until an alarm has taken it back, from its template.

What a template says is computed; what AWS does not state is assumed, and called so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Template = Mapping[str, Any]

METRIC_SECONDS = (0, 60)
"""Load balancers report a minute at its end; how soon CloudWatch shows it is not stated.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"""

LOOK_SECONDS = (0, 60)
"""CloudWatch evaluates an alarm with a period of a minute or more every minute.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html"""

FUNCTION_SECONDS = (1, 10)
"""Assumed: from the alarm's change to the rollback's first call, a cold start included."""

RULE_SECONDS = (1, 10)
"""Assumed: until every node of the load balancer follows a changed rule. AWS states no bound."""

IDLE_SECONDS, KEEP_ALIVE_SECONDS = 60, 3600
"""Where a load balancer's attributes do not say otherwise.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html"""

HEALTH_METRICS = frozenset({"HealthyHostCount", "UnHealthyHostCount"})


@dataclass(frozen=True)
class Part:
    """Seconds at least and at most, and what they are made of."""

    name: str
    least: float
    most: float
    why: str


@dataclass(frozen=True)
class Detection:
    """One alarm: seconds from the release turning bad to the alarm's change."""

    alarm: str
    parts: tuple[Part, ...]

    @property
    def least(self) -> float:
        """If everything falls well."""
        return sum(part.least for part in self.parts)

    @property
    def most(self) -> float:
        """If everything falls badly."""
        return sum(part.most for part in self.parts)


@dataclass(frozen=True)
class Budget:
    """Detection by each alarm, and what follows whichever it is.

    `straggler_seconds` is how long, in the worst case, a connection that stays open could follow
    the old rule: not in the sums, since load balancers route by request, but nobody promises it.
    """

    detections: tuple[Detection, ...]
    action: tuple[Part, ...]
    straggler_seconds: int

    def least(self, detection: Detection) -> float:
        """Seconds to the last bad answer, at least."""
        return detection.least + sum(part.least for part in self.action)

    def most(self, detection: Detection) -> float:
        """Seconds to the last bad answer, at most."""
        return detection.most + sum(part.most for part in self.action)

    @property
    def floor(self) -> str:
        """What it cannot be below."""
        if not self.detections:
            return "no alarm watches this release, so nothing takes it back by itself"
        quickest = min(self.detections, key=self.most)
        least, most = self.least(quickest), self.most(quickest)
        return (
            f"at the very best {least:.0f} s, {(least + most) / 2:.0f} s in the middle "
            f"({quickest.alarm}), and no tool makes it less: load balancers report by the minute "
            "and an alarm needs whole periods. A person's rollback takes the second part only"
        )


def budget(release: Template, service: Template) -> Budget:
    """From a release's template, with its own alarms, and its service's, with the front's."""
    attributes = _attributes(service)
    idle = int(attributes.get("idle_timeout.timeout_seconds", IDLE_SECONDS))
    return Budget(
        detections=tuple(_detections(release)) + tuple(_detections(service)),
        action=(
            Part("function", *FUNCTION_SECONDS, "alarm to first call, assumed"),
            Part("rule change", *RULE_SECONDS, "until every node follows, assumed"),
            Part("requests under way", 0, idle, f"answered where they are, {idle} s at most"),
        ),
        straggler_seconds=int(attributes.get("client_keep_alive.seconds", KEEP_ALIVE_SECONDS)),
    )


def _detections(template: Template) -> Iterator[Detection]:
    for id, properties in sorted(_of_type(template, "AWS::CloudWatch::Alarm")):
        period, periods = _period(properties), int(properties["EvaluationPeriods"])
        # With M of N periods, M bad ones are enough, and they may lie N apart.
        wanted = int(properties.get("DatapointsToAlarm", periods))
        yield Detection(
            id,
            (
                *_health_check(template, properties),
                Part(
                    "periods",
                    # A fault at a period's end may spoil that period at once.
                    period * (wanted - 1),
                    period * (periods + 1),
                    f"{wanted} of {periods} times {period} s, one more if the first is half bad",
                ),
                Part("metric", *METRIC_SECONDS, "until CloudWatch has the period"),
                Part("evaluation", *LOOK_SECONDS, "until the alarm is looked at"),
            ),
        )


def _health_check(template: Template, alarm: Mapping[str, Any]) -> Iterator[Part]:
    """Alarms on health see a fault only when health checks have."""
    if alarm.get("MetricName") not in HEALTH_METRICS:
        return
    for _, group in _of_type(template, "AWS::ElasticLoadBalancingV2::TargetGroup"):
        interval = int(group.get("HealthCheckIntervalSeconds", 30))
        failures = int(group.get("UnhealthyThresholdCount", 2))
        timeout = int(group.get("HealthCheckTimeoutSeconds", 5))
        yield Part(
            "health check",
            interval * (failures - 1),
            interval * failures + timeout,
            f"{failures} failures, {interval} s apart",
        )
        return


def _period(alarm: Mapping[str, Any]) -> int:
    if "Period" in alarm:
        return int(alarm["Period"])
    return max(int(one["MetricStat"]["Period"]) for one in alarm["Metrics"] if "MetricStat" in one)


def _attributes(template: Template) -> dict[str, str]:
    return {
        str(one["Key"]): str(one["Value"])
        for _, balancer in _of_type(template, "AWS::ElasticLoadBalancingV2::LoadBalancer")
        for one in balancer.get("LoadBalancerAttributes", ())
    }


def _of_type(template: Template, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for id, resource in template.get("Resources", {}).items():
        if resource["Type"] == kind:
            yield id, resource.get("Properties", {})
