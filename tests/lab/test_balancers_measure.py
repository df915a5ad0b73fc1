"""Load balancers of the lab measure what they do, and alarms on it are looked at."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from paved_road_lab.alarms.settings import set_minute
from paved_road_lab.balancers.meter import NAMESPACE
from paved_road_lab.safety import verify
from paved_road_lab.state import LabError
from tests.lab.fronts import REGION, Front, standing_front
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """One server for all requests, which has answered one."""
    with standing_front(tmp_path_factory.mktemp("measured")) as made:
        made.register("One", "a")
        until(lambda: made.healthy("One", "a"))
        until(lambda: made.name() == "a")
        yield made


def dimensions(front: Front, *, group: bool = False) -> list[dict[str, str]]:
    balancer = front.stack["Balancer"].partition(":loadbalancer/")[2]
    found = [{"Name": "LoadBalancer", "Value": balancer}]
    target = {"Name": "TargetGroup", "Value": front.stack["One"].rpartition(":")[2]}
    return [*found, target] if group else found


def total(front: Front, name: str, stat: str = "Sum", *, group: bool = False) -> float:
    """Of the last minutes; 0 where nothing was told."""
    now = datetime.now(UTC)
    metric = {
        "Namespace": NAMESPACE,
        "MetricName": name,
        "Dimensions": dimensions(front, group=group),
    }
    (answer,) = front.cloud.client("cloudwatch", REGION).get_metric_data(
        MetricDataQueries=[
            {"Id": "a", "MetricStat": {"Metric": metric, "Stat": stat, "Period": 3600}}
        ],
        StartTime=now - timedelta(hours=1),
        EndTime=now,
    )["MetricDataResults"]
    return float(sum(answer["Values"]))


def test_requests_answers_and_latencies_are_told(front: Front) -> None:
    until(lambda: total(front, "RequestCount", group=True) == 1)
    for _ in range(20):
        assert front.ask().status_code == 200
    until(lambda: total(front, "RequestCount", group=True) == 21)
    assert total(front, "RequestCount") == 21
    assert total(front, "HTTPCode_Target_2XX_Count", group=True) == 21
    assert 0 < total(front, "TargetResponseTime", "p50", group=True) < 30
    assert total(front, "HealthyHostCount", "Maximum", group=True) == 1


def test_a_target_that_breaks_off_is_the_balancers_error(front: Front) -> None:
    assert front.ask("/broken", method="POST").status_code == 502
    until(lambda: total(front, "HTTPCode_ELB_502_Count") == 1)
    assert total(front, "HTTPCode_ELB_5XX_Count") == 1
    assert total(front, "HTTPCode_Target_5XX_Count") == 0
    assert total(front, "TargetConnectionErrorCount") == 0


def put_alarm(front: Front, name: str, metric: str, **given: Any) -> None:
    front.cloud.client("cloudwatch", REGION).put_metric_alarm(
        AlarmName=name,
        Namespace=given.pop("Namespace", NAMESPACE),
        MetricName=metric,
        Dimensions=dimensions(front),
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=2,
        DatapointsToAlarm=1,
        Statistic="Sum",
        Period=60,
        Threshold=0,
        TreatMissingData="notBreaching",
        **given,
    )


def state(front: Front, name: str) -> str:
    cloudwatch = front.cloud.client("cloudwatch", REGION)
    (found,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(found["StateValue"])


def test_an_alarm_starts_and_ends_with_what_is_measured(front: Front) -> None:
    set_minute(front.cloud.lab, 1)
    put_alarm(front, "Refused", "HTTPCode_ELB_502_Count")
    until(lambda: state(front, "Refused") == "OK")
    assert front.ask("/broken", method="POST").status_code == 502
    until(lambda: state(front, "Refused") == "ALARM", every=0.05)
    until(lambda: state(front, "Refused") == "OK")


def test_what_nobody_measures_is_named_and_left_without_data(front: Front) -> None:
    put_alarm(front, "Busy", "CPUUtilization", Namespace="AWS/EC2")
    until(lambda: verify(front.cloud.lab)["not_evaluated"])
    echo = verify(front.cloud.lab)
    assert echo["not_evaluated"] == {"AWS/EC2 CPUUtilization: nobody measures it here": 1}
    assert echo["evaluating"] == [REGION]
    assert state(front, "Busy") == "INSUFFICIENT_DATA"


def test_an_instance_that_is_terminated_gets_nothing_at_once(front: Front) -> None:
    """Nobody deregistered it, and its process may still answer."""
    front.register("One", "d")
    until(lambda: front.healthy("One", "ad"))
    front.cloud.client("ec2", REGION).terminate_instances(InstanceIds=[front.instances["d"]])
    until(lambda: {front.name() for _ in range(6)} == {"a"})


def test_targets_by_address_are_reached_on_this_machine_and_else_named(front: Front) -> None:
    address = front.cloud.client("ec2", REGION).describe_instances(
        InstanceIds=[front.instances["c"]]
    )["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
    for id in (address, "10.9.8.7"):
        front.elb.register_targets(TargetGroupArn=front.stack["One"], Targets=[{"Id": id}])
    until(lambda: {front.name() for _ in range(6)} == {"a", "c"})
    until(lambda: verify(front.cloud.lab)["not_forwarded"])
    named = {"target at an address of another machine": 1}
    assert verify(front.cloud.lab)["not_forwarded"] == named


def test_a_minute_is_no_longer_than_one(front: Front) -> None:
    with pytest.raises(LabError, match="1 to 60 seconds, not 61"):
        set_minute(front.cloud.lab, 61)
