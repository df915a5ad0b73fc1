"""What rolls back by alarm: whose alarms, with which rights, from which code."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from paved_road.service import RollbackStack
from paved_road_delivery.contract import LANES, is_alarm_of_service
from tests.synth.service.services import REGION, template_of
from tests.templates import Template, of_type


def made(outdir: Path) -> tuple[RollbackStack, Path]:
    app = App(outdir=str(outdir))
    stack = RollbackStack(app, REGION, service="place-order", owner="orders")
    app.synth()
    return stack, outdir


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("rollback"))[1]


@pytest.fixture
def template(assembly: Path) -> Template:
    found: Template = json.loads(
        (assembly / "acme-us-east-1-rollback-place-order.template.json").read_text()
    )
    return found


def statements(template: Template) -> dict[str, Any]:
    (role,) = of_type(template, "AWS::IAM::Role").values()
    return {one["Sid"]: one for one in role["Policies"][0]["PolicyDocument"]["Statement"]}


def test_what_changes_anything_names_what_it_may_change(template: Template) -> None:
    for name, one in statements(template).items():
        assert (one["Resource"] == "*" or one["Resource"] == ["*"]) is (name == "Look")
    assert all(
        re.match(r"[\w-]+:Describe", action) for action in statements(template)["Look"]["Action"]
    )
    parameters = json.dumps(statements(template)["PutOwnParameters"]["Resource"])
    assert parameters.count("parameter/acme/place-order/") == len(LANES) * 2 + 4
    assert "LiveRulesArn" in json.dumps(statements(template)["MoveTraffic"]["Resource"])
    group = json.dumps(statements(template)["KeepCapacity"]["Resource"])
    assert "autoScalingGroupName/acme-us-east-1-release-place-order-v*" in group


def test_a_stack_update_may_make_rules_and_nothing_else(template: Template) -> None:
    """CloudFormation acts in its own role, which may do anything."""
    settle = statements(template)["SettleRouting"]
    assert settle["Action"] == ["cloudformation:UpdateStack"]
    assert "stack/acme-us-east-1-routing-place-order/*" in json.dumps(settle["Resource"])
    assert settle["Condition"] == {
        "ForAllValues:StringEquals": {
            "cloudformation:ResourceTypes": "AWS::ElasticLoadBalancingV2::ListenerRule"
        },
        "Null": {"cloudformation:ResourceTypes": "false"},
    }


def test_alarms_of_the_service_and_its_releases_start_it(template: Template) -> None:
    (rule,) = of_type(template, "AWS::Events::Rule").values()
    detail = rule["EventPattern"]["detail"]
    assert detail["state"] == {"value": ["ALARM"]}
    assert [one["prefix"] for one in detail["alarmName"]] == [
        "acme-us-east-1-release-place-order-v",
        "acme-us-east-1-service-place-order-",
    ]


@pytest.mark.parametrize(
    ("alarm", "own"),
    [
        ("acme-us-east-1-service-place-order-ServiceMonitoringErrorRate1A-X0Y1", True),
        ("acme-us-east-1-release-place-order-v001-MonitoringLatency1A-X0Y1", True),
        ("acme-us-east-1-release-place-order-v001-baseline-MonitoringLatency1A-X0Y1", True),
        ("acme-us-east-1-service-place-order-more-ServiceMonitoringErrorRate1A-X0Y1", False),
        ("acme-us-east-1-release-place-order-vip-v001-MonitoringLatency1A-X0Y1", False),
        ("acme-us-east-1-rollback-place-order-MonitoringFails1A-X0Y1", False),
        ("acme-us-west-2-service-place-order-ServiceMonitoringErrorRate1A-X0Y1", False),
    ],
)
def test_alarms_of_others_do_not(alarm: str, own: bool) -> None:
    assert is_alarm_of_service("acme", "us-east-1", "place-order", alarm) is own


def test_the_code_is_the_delivery_tool_and_needs_nothing_but_boto3(assembly: Path) -> None:
    (folder,) = assembly.glob("asset.*")
    assert {one.name for one in folder.iterdir()} == {"paved_road_contract", "paved_road_delivery"}
    assert {one.suffix for one in folder.rglob("*") if one.is_file()} == {".py"}


def test_the_same_sources_make_the_same_assembly(assembly: Path, tmp_path: Path) -> None:
    again = made(tmp_path)[1]
    names = sorted(one.name for one in assembly.iterdir())
    assert names == sorted(one.name for one in again.iterdir())
    template = "acme-us-east-1-rollback-place-order.template.json"
    assert (assembly / template).read_bytes() == (again / template).read_bytes()


def test_for_releases_on_fargate_it_keeps_tasks_of_the_services_own_cluster() -> None:
    stack = RollbackStack(App(), REGION, service="place-order", owner="orders", fargate=True)
    added = {sid: one for sid, one in statements(template_of(stack)).items() if "Task" in sid}
    assert {sid: one["Action"] for sid, one in added.items()} == {
        "KeepTasks": ["ecs:DescribeServices", "ecs:UpdateService"],
        "KeepFewestTasks": ["application-autoscaling:RegisterScalableTarget"],
        "LookAtTasks": ["application-autoscaling:DescribeScalableTargets"],
    }
    assert "ClusterName" in json.dumps(added["KeepTasks"]["Resource"])
    condition = added["KeepFewestTasks"]["Condition"]["StringEquals"]
    assert condition["application-autoscaling:service-namespace"] == "ecs"
