"""What is watched about a service and about each of its releases."""

from paved_road.monitoring import Metric, Watch
from paved_road_delivery.contract import NO_HEALTHY_TARGETS

NAMESPACE = "AWS/ApplicationELB"
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html"""

FEWEST_ERRORS = 3
"""In each of three minutes, nine in a row: with a request a second a canary that fails always has
sixty, and one that fails once in a while has not."""


def service_watches(load_balancer: str) -> list[Watch]:
    """What callers notice, whichever release answers. Bounds are where users start to mind."""

    def metric(name: str, statistic: str = "Sum") -> Metric:
        return Metric(
            namespace=NAMESPACE,
            name=name,
            dimensions={"LoadBalancer": load_balancer},
            statistic=statistic,
        )

    return [
        Watch(
            id="ErrorRate",
            meaning="more than 1% of answers are errors of ours",
            metric=metric("HTTPCode_Target_5XX_Count"),
            # Members that die or hang answer nothing: the load balancer says 502 or 504 for them.
            plus=metric("HTTPCode_ELB_5XX_Count"),
            percent_of=metric("RequestCount"),
            bound=1,
            minutes=3,
        ),
        Watch(
            id="Latency",
            meaning="one answer in a hundred takes more than a second",
            metric=metric("TargetResponseTime", "p99"),
            bound=1,
            minutes=3,
        ),
        Watch(
            id="NobodyAnswers",
            meaning="requests find no healthy target: no release takes traffic, or it is down",
            metric=metric("HTTPCode_ELB_503_Count"),
            bound=0,
            minutes=1,
        ),
        Watch(
            id="Saturation",
            meaning="the load balancer turns connections away",
            metric=metric("RejectedConnectionCount"),
            bound=0,
            minutes=1,
        ),
    ]


def release_watches(load_balancer: str, target_group: str, cpu: Metric) -> list[Watch]:
    """What one release's instances tell, in traffic or not.

    Errors and latency are of its own requests, so that a release with one percent of the traffic
    is seen, though the service's averages hide it. What hangs until the load balancer gives up
    (504) is counted for the load balancer alone, so the service's alarm sees that.
    """

    def metric(name: str, statistic: str) -> Metric:
        return Metric(
            namespace=NAMESPACE,
            name=name,
            dimensions={"LoadBalancer": load_balancer, "TargetGroup": target_group},
            statistic=statistic,
        )

    return [
        Watch(
            id="ErrorRate",
            meaning=f"more than 1% of this release's answers are errors, {FEWEST_ERRORS} at least",
            metric=metric("HTTPCode_Target_5XX_Count", "Sum"),
            plus=metric("TargetConnectionErrorCount", "Sum"),
            percent_of=metric("RequestCount", "Sum"),
            at_least=FEWEST_ERRORS,
            bound=1,
            minutes=3,
        ),
        Watch(
            id="Latency",
            meaning="one of this release's answers in a hundred takes more than a second",
            metric=metric("TargetResponseTime", "p99"),
            bound=1,
            minutes=3,
        ),
        Watch(
            id=NO_HEALTHY_TARGETS,
            meaning="no instance can take traffic",
            metric=metric("HealthyHostCount", "Minimum"),
            bound=1,
            minutes=2,
            below=True,
            silence_alarms=True,
        ),
        Watch(
            id="UnhealthyTargets",
            meaning="instances fail their health check for longer than a replacement takes",
            metric=metric("UnHealthyHostCount", "Minimum"),
            bound=0,
            minutes=10,
        ),
        Watch(
            id="Saturation",
            meaning="instances are busy and scaling does not catch up",
            metric=cpu,
            bound=85,
            minutes=10,
        ),
    ]
