"""The time an alarm-driven rollback takes, from templates made by hand and by the constructs."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from paved_road_cli.main import app
from paved_road_delivery.budget import budget
from paved_road_delivery.cloud import RefusedError

NAME = "acme-us-east-1-release-place-order-v042"
SERVICE = "acme-us-east-1-service-place-order"


def alarm(**given: Any) -> dict[str, Any]:
    standard = {"MetricName": "Errors", "Period": 60, "EvaluationPeriods": 3}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {**standard, **given}}


def template(**resources: Any) -> dict[str, Any]:
    return {"Resources": resources}


def balancer(**attributes: str) -> dict[str, Any]:
    given = [{"Key": key.replace("__", "."), "Value": one} for key, one in attributes.items()]
    return {
        "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "Properties": {"LoadBalancerAttributes": given},
    }


def test_an_alarm_takes_its_periods_and_one_more_at_worst() -> None:
    found = budget(template(Errors=alarm()), template(Front=balancer()))
    (one,) = found.detections
    # 2 periods; then 4 periods, a minute to be shown and a minute to be looked at.
    assert (one.least, one.most) == (120, 240 + 60 + 60)
    # A function and a rule change, 1 to 10 s each, and requests under way.
    assert (found.least(one), found.most(one)) == (122, 360 + 20 + 60)
    assert found.straggler_seconds == 3600


def test_periods_in_metric_math_count() -> None:
    metrics = [{"Id": "e", "Expression": "a/b"}, {"Id": "a", "MetricStat": {"Period": 300}}]
    given = alarm(Metrics=metrics, EvaluationPeriods=1)
    del given["Properties"]["Period"]
    (one,) = budget(template(Errors=given), template()).detections
    assert (one.least, one.most) == (0, 600 + 120)


def test_some_of_many_periods_are_enough() -> None:
    (one,) = budget(
        template(E=alarm(EvaluationPeriods=5, DatapointsToAlarm=2)), template()
    ).detections
    assert (one.least, one.most) == (60, 360 + 120)


def test_alarms_on_health_wait_for_health_checks_first() -> None:
    targets = {
        "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Properties": {"HealthCheckIntervalSeconds": 10, "UnhealthyThresholdCount": 3},
    }
    found = budget(template(T=targets, N=alarm(MetricName="HealthyHostCount")), template())
    (one,) = found.detections
    assert (one.least, one.most) == (20 + 120, 35 + 240 + 120)


def test_the_load_balancers_timeouts_are_read() -> None:
    front = balancer(idle_timeout__timeout_seconds="5", client_keep_alive__seconds="120")
    found = budget(template(E=alarm()), template(Front=front))
    assert found.action[-1].most == 5
    assert found.straggler_seconds == 120


@given(st.integers(1, 10), st.integers(1, 10), st.sampled_from([10, 30, 60, 300]))
def test_more_or_longer_periods_never_make_it_quicker(one: int, other: int, period: int) -> None:
    few, many = sorted((one, other))
    shorter = budget(template(E=alarm(EvaluationPeriods=few, Period=period)), template())
    longer = budget(template(E=alarm(EvaluationPeriods=many, Period=2 * period)), template())
    assert shorter.least(shorter.detections[0]) <= longer.least(longer.detections[0])
    assert shorter.most(shorter.detections[0]) < longer.most(longer.detections[0])


def test_what_it_cannot_be_below_is_said() -> None:
    found = budget(template(Quick=alarm(EvaluationPeriods=1), Slow=alarm()), template())
    assert found.floor.startswith("at the very best 2 s, 161 s in the middle (Quick)")
    assert "nothing takes it back" in budget(template(), template()).floor


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    artifacts = {}
    for name, body in ((NAME, template(Errors=alarm())), (SERVICE, template(Front=balancer()))):
        (tmp_path / f"{name}.json").write_text(json.dumps(body))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/us-east-1",
            "properties": {"templateFile": f"{name}.json"},
        }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return tmp_path


def command(assembly: Path, number: int, *more: str) -> list[str]:
    where = ["--estate", "acme", "--region", "us-east-1", "--app", str(assembly)]
    return ["release", "budget", "place-order", str(number), *where, *more]


def test_the_command_prints_it(assembly: Path) -> None:
    done = CliRunner().invoke(app, command(assembly, 42))
    assert done.exit_code == 0
    assert "at the very best 122 s, 281 s in the middle (Errors)" in done.output
    assert "closes it after 3600 s" in done.output
    done = CliRunner().invoke(app, command(assembly, 42, "--json"))
    assert json.loads(done.output)["seconds"] == {"Errors": [122, 440]}


def test_a_release_that_is_not_there_is_refused_with_those_that_are(assembly: Path) -> None:
    done = CliRunner().invoke(app, command(assembly, 43))
    assert isinstance(done.exception, RefusedError)
    assert f"it holds {NAME}" in str(done.exception)
