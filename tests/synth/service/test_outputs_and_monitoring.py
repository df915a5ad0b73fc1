"""What a service publishes, is alarmed on and logs."""

import json

from paved_road_delivery.contract import ServiceOutput
from paved_road_lab.alarms.expression import evaluate
from tests.templates import Template, of_type


def test_everything_a_release_reads_is_published(internal: Template, first: Template) -> None:
    names = {value for name, value in vars(ServiceOutput).items() if not name.startswith("_")} - {
        ServiceOutput.IDLE_TARGET_GROUP,
        # Of services whose releases may run on Fargate: test_fargate.py.
        *(ServiceOutput.CLUSTER, ServiceOutput.TASK_ROLE, ServiceOutput.EXECUTION_ROLE),
    }
    assert names <= internal["Outputs"].keys()
    read = json.dumps(first)
    reads = [name for name in internal["Outputs"] if f'"{name}"' in read]
    assert len(reads) >= 6


def test_what_is_watched_is_alarmed_on(internal: Template, first: Template) -> None:
    alarms = of_type(internal, "AWS::CloudWatch::Alarm").values()
    texts = " ".join(one["AlarmDescription"] for one in alarms)
    for part in ("errors of ours", "more than a second", "no healthy target", "turns connections"):
        assert part in texts
    healthy = [
        one
        for one in of_type(first, "AWS::CloudWatch::Alarm").values()
        if one.get("MetricName") == "HealthyHostCount"
    ]
    assert [one["TreatMissingData"] for one in healthy] == ["breaching"]
    assert len(of_type(internal, "AWS::CloudWatch::Dashboard")) == 1


def test_members_that_die_or_hang_count_as_errors(internal: Template) -> None:
    """Their requests get 502 and 504 from the load balancer, which no target counts."""
    (rate,) = (
        one["Metrics"]
        for one in of_type(internal, "AWS::CloudWatch::Alarm").values()
        if "errors of ours" in one["AlarmDescription"]
    )
    shown = {one["Id"]: one for one in rate}
    names = {
        id: one["MetricStat"]["Metric"]["MetricName"]
        for id, one in shown.items()
        if "MetricStat" in one
    }
    assert names == {
        "part": "HTTPCode_Target_5XX_Count",
        "more": "HTTPCode_ELB_5XX_Count",
        "whole": "RequestCount",
    }
    # Neither is published while it is zero, and a sum with a missing metric is missing.
    assert shown["percent"]["Expression"] == "100 * (FILL(part, 0) + FILL(more, 0)) / whole"
    ((dashboard),) = of_type(internal, "AWS::CloudWatch::Dashboard").values()
    assert "HTTPCode_ELB_5XX_Count" in json.dumps(dashboard)


def test_a_release_is_alarmed_on_by_its_own_requests(first: Template) -> None:
    """Its service's averages hide one percent of the traffic."""
    alarms = of_type(first, "AWS::CloudWatch::Alarm").values()
    (rate,) = (one["Metrics"] for one in alarms if "answers are errors" in one["AlarmDescription"])
    (latency,) = (one for one in alarms if one.get("ExtendedStatistic") == "p99")
    measures = [one["MetricStat"]["Metric"] for one in rate if "MetricStat" in one]
    assert [one["MetricName"] for one in measures] == [
        "HTTPCode_Target_5XX_Count",
        "TargetConnectionErrorCount",
        "RequestCount",
    ]
    for one in (*measures, latency):
        assert [pair["Name"] for pair in one["Dimensions"]] == ["LoadBalancer", "TargetGroup"]
    count = "(FILL(part, 0) + FILL(more, 0))"
    assert rate[0]["Expression"] == f"IF({count} >= 3, 100 * {count} / whole, 0)"
    assert evaluate(rate[0]["Expression"], {"part": 1, "more": None, "whole": 3}) == 0
    assert evaluate(rate[0]["Expression"], {"part": 2, "more": 1, "whole": 60}) == 5


def test_logs_are_encrypted_and_kept(internal: Template) -> None:
    ((name, logs),) = of_type(internal, "AWS::Logs::LogGroup").items()
    assert (logs["RetentionInDays"], "KmsKeyId" in logs) == (90, True)
    assert internal["Resources"][name]["DeletionPolicy"] == "Retain"
