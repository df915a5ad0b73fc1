"""What load balancers measure, by whom and under which name."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from paved_road_lab.balancers.forward import Outcome
from paved_road_lab.balancers.health import State
from paved_road_lab.balancers.meter import MOST_VALUES, PUBLISHED, Meter
from paved_road_lab.balancers.model import (
    Balancer,
    Forward,
    Listener,
    Routing,
    Rule,
    Target,
    TargetGroup,
)

ELB = "arn:aws:elasticloadbalancing:us-east-1:000012345678:"
FRONT, ONE, IDLE = (
    f"{ELB}loadbalancer/app/front/1",
    f"{ELB}targetgroup/one/2",
    f"{ELB}targetgroup/idle/3",
)
TARGETS = tuple(Target(id=name, address="127.0.0.1", port=1) for name in "abc")
RULE = Rule(action=Forward(weights={ONE: 1, IDLE: 0}))
ROUTING = Routing(
    balancers=(
        Balancer(
            arn=FRONT,
            address="127.0.0.1",
            listeners=(Listener(arn="l", port=80, protocol="HTTP", rules=(RULE,)),),
        ),
    ),
    groups={ONE: TargetGroup(arn=ONE, targets=TARGETS), IDLE: TargetGroup(arn=IDLE)},
)
STATES = {(ONE, "a"): State.HEALTHY, (ONE, "b"): State.HEALTHY, (ONE, "c"): State.UNHEALTHY}
BALANCER, GROUP = ("app/front/1",), ("app/front/1", "targetgroup/one/2")


def taken(meter: Meter) -> dict[tuple[tuple[str, ...], str], Any]:
    """Values by dimensions and name."""
    (data,) = meter.take(ROUTING, STATES).values()
    return {
        (tuple(pair["Value"] for pair in one["Dimensions"]), one["MetricName"]): one["Value"]
        for one in data
        if "Value" in one
    }


def test_an_answer_counts_for_the_balancer_and_for_the_target_group() -> None:
    meter = Meter()
    for status in (200, 200, 503, 404):
        meter.passed(FRONT, ONE, Outcome(status=status, answered=True, seconds=0.01))
    found = taken(meter)
    for place in (BALANCER, GROUP):
        assert found[place, "RequestCount"] == 4
        assert found[place, "HTTPCode_Target_2XX_Count"] == 2
        assert found[place, "HTTPCode_Target_5XX_Count"] == 1
        assert found[place, "HTTPCode_Target_4XX_Count"] == 1
    assert found[GROUP, "RequestCountPerTarget"] == 2
    assert not any(name.startswith("HTTPCode_ELB") for _, name in found)


def test_what_the_balancer_says_itself_counts_for_it_alone() -> None:
    meter = Meter()
    meter.passed(FRONT, ONE, Outcome(status=502, connected=False))
    meter.passed(FRONT, ONE, Outcome(status=504))
    meter.answered(FRONT, 503)
    meter.answered(FRONT, 301)
    found = taken(meter)
    assert found[BALANCER, "HTTPCode_ELB_5XX_Count"] == 3
    assert found[BALANCER, "HTTPCode_ELB_3XX_Count"] == 1
    assert [found[BALANCER, f"HTTPCode_ELB_{one}_Count"] for one in (502, 503, 504)] == [1, 1, 1]
    assert found[GROUP, "TargetConnectionErrorCount"] == 1
    assert found[GROUP, "RequestCount"] == 2, "a target was chosen for them"
    assert (GROUP, "HTTPCode_ELB_5XX_Count") not in found


def test_health_is_told_of_groups_with_targets_whether_or_not_there_is_traffic() -> None:
    assert taken(Meter()) == {(GROUP, "HealthyHostCount"): 2, (GROUP, "UnHealthyHostCount"): 1}


def test_what_was_taken_is_not_told_again() -> None:
    meter = Meter()
    meter.passed(FRONT, ONE, Outcome(status=200, answered=True))
    assert (GROUP, "RequestCount") in taken(meter)
    assert (GROUP, "RequestCount") not in taken(meter)


@given(st.lists(st.floats(min_value=0.0001, max_value=60), min_size=1, max_size=300))
def test_latencies_are_told_to_two_percent_in_data_that_aws_would_take(times: list[float]) -> None:
    meter = Meter()
    for seconds in times:
        meter.passed(FRONT, ONE, Outcome(status=200, answered=True, seconds=seconds))
    told: Counter[float] = Counter()
    for one in meter.take(ROUTING, STATES)["us-east-1"]:
        assert one["MetricName"] in PUBLISHED
        if one["MetricName"] == "TargetResponseTime" and len(one["Dimensions"]) == 2:
            assert len(one["Values"]) <= MOST_VALUES
            told.update(dict(zip(one["Values"], one["Counts"], strict=True)))
    for exact, rounded in zip(sorted(times), sorted(told.elements()), strict=True):
        assert abs(exact - rounded) <= 0.011 * exact + 1e-6
