"""A release on Fargate: the same contract as one on instances, and tasks that are as locked up."""

import json
from typing import Any

import pytest
from aws_cdk import App

from paved_road.estate import EstateStack
from paved_road.service import Fargate
from paved_road.service.artifact import STOP_SECONDS
from paved_road.service.release import DRAIN_SECONDS
from paved_road_delivery.contract import ReleaseOutput, ServiceOutput
from paved_road_delivery.groups import declared_maximum
from paved_road_estate.costs import member
from tests.synth.service.services import DIGEST, release, service, template_of
from tests.templates import Template, of_type

SIZE = Fargate(cpu=512, memory=1024)
PRICE = 0.5 * 0.03238 + 0.00356
"""USD an hour on Graviton: https://aws.amazon.com/fargate/pricing/"""


@pytest.fixture(scope="module")
def tasks() -> Template:
    return template_of(release(App(), fargate=SIZE, rings=("orders",), calls=("orders-data",)))


@pytest.fixture(scope="module")
def home() -> Template:
    made = service(App(), fargate=True)
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    return template_of(stack)


def test_what_a_task_costs_is_known_from_its_template(tasks: Template) -> None:
    assert member(tasks).usd_per_hour == pytest.approx(PRICE)


def only(template: Template, kind: str) -> dict[str, Any]:
    (found,) = of_type(template, kind).values()
    return dict(found)


def container(template: Template) -> dict[str, Any]:
    (found,) = only(template, "AWS::ECS::TaskDefinition")["ContainerDefinitions"]
    return dict(found)


def test_it_answers_to_the_contract_of_releases(tasks: Template, first: Template) -> None:
    assert tasks["Parameters"].keys() == first["Parameters"].keys() - {"Image"}
    here, there = tasks["Outputs"].keys(), first["Outputs"].keys()
    assert here ^ there == {ReleaseOutput.TASKS, ReleaseOutput.GROUP}
    for kind in ("TargetGroup", "ListenerRule"):
        mine, theirs = (only(one, f"AWS::ElasticLoadBalancingV2::{kind}") for one in (tasks, first))
        assert mine | {"TargetType": ""} == theirs | {"TargetType": ""}
    assert only(tasks, "AWS::ElasticLoadBalancingV2::TargetGroup")["TargetType"] == "ip"
    assert not of_type(tasks, "AWS::AutoScaling::AutoScalingGroup")
    assert not of_type(tasks, "AWS::IAM::Role")
    assert not of_type(tasks, "AWS::IAM::ManagedPolicy")


def test_it_starts_as_large_as_it_is_told_and_never_shrinks_below(tasks: Template) -> None:
    assert only(tasks, "AWS::ECS::Service")["DesiredCount"] == {"Ref": "Floor"}
    scaled = only(tasks, "AWS::ApplicationAutoScaling::ScalableTarget")
    assert (scaled["MinCapacity"], scaled["MaxCapacity"]) == ({"Ref": "Floor"}, 60)
    assert declared_maximum(tasks["Resources"]) == 60
    target = tasks["Outputs"][ReleaseOutput.TASKS]["Value"]
    assert target == scaled["ResourceId"]
    assert json.dumps(target).startswith('{"Fn::Join": ["", ["service/"')


def test_it_scales_on_requests_and_cpu(tasks: Template) -> None:
    tracked = [
        one["TargetTrackingScalingPolicyConfiguration"]
        for one in of_type(tasks, "AWS::ApplicationAutoScaling::ScalingPolicy").values()
    ]
    assert {
        one["PredefinedMetricSpecification"]["PredefinedMetricType"]: one["TargetValue"]
        for one in tracked
    } == {"ALBRequestCountPerTarget": 400, "ECSServiceAverageCPUUtilization": 60}


def test_its_creation_fails_unless_its_tasks_get_healthy(tasks: Template) -> None:
    made = only(tasks, "AWS::ECS::Service")
    assert made["DeploymentConfiguration"]["DeploymentCircuitBreaker"] == {
        "Enable": True,
        "Rollback": False,
    }
    (balanced,) = made["LoadBalancers"]
    assert balanced["TargetGroupArn"] == {"Ref": "Targets"}
    assert tasks["Resources"]["Service"]["DependsOn"] == ["TestCell"]


def test_tasks_are_private_and_locked_up_and_run_the_digest_on_a_pinned_platform(
    tasks: Template,
) -> None:
    made, one = only(tasks, "AWS::ECS::Service"), container(tasks)
    network = made["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert network["AssignPublicIp"] == "DISABLED"
    assert [subnet["Fn::GetStackOutput"]["OutputName"] for subnet in network["Subnets"]] == [
        f"PrivateSubnet{zone}" for zone in "ABC"
    ]
    assert made["PlatformVersion"] == "1.4.0"
    assert made["EnableExecuteCommand"] is False
    assert one["ReadonlyRootFilesystem"] is True
    assert one["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert one["StopTimeout"] == STOP_SECONDS > DRAIN_SECONDS
    assert json.dumps(one["Image"]).endswith(f'/place-order@{DIGEST}"]]}}')


def test_tasks_are_told_what_instances_are_told(tasks: Template) -> None:
    told = {one["Name"]: one["Value"] for one in container(tasks)["Environment"]}
    assert told["RELEASE"] == "place-order-v001"
    assert told["RING_ORDERS_CONTACTS"] == "/acme/rings/orders/contacts"
    assert {"PORT", "ESTATE", "REGION", "ORDERS_DATA_URL"} <= told.keys()


def test_saturation_is_that_of_its_tasks(tasks: Template) -> None:
    alarms = json.dumps(list(of_type(tasks, "AWS::CloudWatch::Alarm").values()))
    assert "AWS/ECS" in alarms
    assert "AWS/EC2" not in alarms


def test_its_service_has_a_cluster_and_a_role_for_ecs_that_reads_images_and_writes_logs(
    home: Template,
) -> None:
    assert {ServiceOutput.CLUSTER, ServiceOutput.TASK_ROLE, ServiceOutput.EXECUTION_ROLE} <= set(
        home["Outputs"]
    )
    roles = of_type(home, "AWS::IAM::Role")
    (starts,) = (one for name, one in roles.items() if "ExecutionRole" in name)
    (policy,) = starts["Policies"]
    assert {one["Sid"] for one in policy["PolicyDocument"]["Statement"]} == {
        "WriteOwnLogs",
        "PullOwnImages",
        "SignInToRegistry",
    }
    for one in roles.values():
        trusted = one["AssumeRolePolicyDocument"]["Statement"][-1]
        assert trusted["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
        assert trusted["Condition"]["StringEquals"] == {
            "aws:SourceAccount": {"Ref": "AWS::AccountId"}
        }


def test_a_service_without_fargate_has_none_of_it(internal: Template) -> None:
    assert not of_type(internal, "AWS::ECS::Cluster")
    assert "ecs-tasks" not in json.dumps(internal)
    assert ServiceOutput.CLUSTER not in internal["Outputs"]
