"""A service as its stacks leave it, made by hand in a lab: listener, lanes, two target groups."""

import json
from collections.abc import Iterator

import pytest

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery import contract
from paved_road_delivery.contract import RoutingKey, ServiceOutput
from paved_road_delivery.service import LiveService
from paved_road_lab.cloud import LabCloud
from paved_road_lab.lifecycle import down, up
from paved_road_ring_agent.jvm import free_port
from tests.lab.small_stacks import Template, parameter, subnets

REGION = "us-east-1"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LabCloud]:
    folder = tmp_path_factory.mktemp("delivery-lab")
    try:
        yield LabCloud(up(folder, port=free_port()))
    finally:
        down(folder)


def target_group() -> Template:
    return {
        "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Properties": {"VpcId": {"Ref": "Vpc"}, "Port": 80, "Protocol": "HTTP"},
    }


def service_template(name: str) -> Template:
    """Idle lanes, and two target groups that stand for releases."""
    zones = subnets("10.0", "ab")
    lanes: Template = {}
    for lane in contract.LANES:
        lanes[f"Idle{lane}"] = target_group()
        lanes[f"Target{lane}"] = parameter(
            contract.target_group_parameter("acme", name, lane), {"Ref": f"Idle{lane}"}
        )
        lanes[f"Weight{lane}"] = parameter(
            contract.weight_parameter("acme", name, lane), "1" if lane == 1 else "0"
        )
    lanes["CohortTarget"] = parameter(
        contract.cohort_target_group_parameter("acme", name), {"Ref": "Idle1"}
    )
    lanes["CohortPlace"] = parameter(
        contract.cohort_priority_parameter("acme", name), str(contract.COHORT_BEHIND)
    )
    refuse = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    return {
        "Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            **zones,
            "Balancer": {
                "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Properties": {"Subnets": [{"Ref": one} for one in zones]},
            },
            "Live": {
                "Type": "AWS::ElasticLoadBalancingV2::Listener",
                "Properties": {
                    "LoadBalancerArn": {"Ref": "Balancer"},
                    "Port": 80,
                    "Protocol": "HTTP",
                    "DefaultActions": [refuse],
                },
            },
            "Listener": parameter(contract.listener_parameter("acme", name), {"Ref": "Live"}),
            **lanes,
            "One": target_group(),
            "Two": target_group(),
        },
        "Outputs": {
            ServiceOutput.LISTENER: {"Value": {"Ref": "Live"}},
            ServiceOutput.TEST_LISTENER: {"Value": {"Ref": "Live"}},
            ServiceOutput.LOAD_BALANCER: {
                "Value": {"Fn::GetAtt": ["Balancer", "LoadBalancerFullName"]}
            },
            "One": {"Value": {"Ref": "One"}},
            "Two": {"Value": {"Ref": "Two"}},
            "Vpc": {"Value": {"Ref": "Vpc"}},
            **{
                f"{ServiceOutput.IDLE_TARGET_GROUP}{lane}": {"Value": {"Ref": f"Idle{lane}"}}
                for lane in contract.LANES
            },
        },
    }


def routing_template(name: str) -> Template:
    def named(parameter: str) -> Template:
        return {"Type": "AWS::SSM::Parameter::Value<String>", "Default": parameter}

    parameters = {
        RoutingKey.LISTENER: named(contract.listener_parameter("acme", name)),
        RoutingKey.COHORT_TARGET_GROUP: named(contract.cohort_target_group_parameter("acme", name)),
        RoutingKey.COHORT_PRIORITY: named(contract.cohort_priority_parameter("acme", name)),
    }
    for lane in contract.LANES:
        target = contract.target_group_parameter("acme", name, lane)
        parameters[contract.routing_key(lane, "TargetGroup")] = named(target)
        parameters[contract.routing_key(lane, "Weight")] = named(
            contract.weight_parameter("acme", name, lane)
        )
    tuples = [
        {
            "TargetGroupArn": {"Ref": contract.routing_key(lane, "TargetGroup")},
            "Weight": {"Ref": contract.routing_key(lane, "Weight")},
        }
        for lane in contract.LANES
    ]
    rule = {
        "ListenerArn": {"Ref": RoutingKey.LISTENER},
        "Priority": contract.LIVE_PRIORITY,
        "Conditions": [{"Field": "path-pattern", "Values": ["/*"]}],
        "Actions": [{"Type": "forward", "ForwardConfig": {"TargetGroups": tuples}}],
    }
    header = {"HttpHeaderName": contract.COHORT_HEADER, "Values": [contract.COHORT]}
    cohort = {
        "ListenerArn": {"Ref": RoutingKey.LISTENER},
        "Priority": {"Ref": RoutingKey.COHORT_PRIORITY},
        "Conditions": [{"Field": "http-header", "HttpHeaderConfig": header}],
        "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": RoutingKey.COHORT_TARGET_GROUP}}],
    }
    return {
        "Parameters": parameters,
        "Resources": {
            id: {"Type": "AWS::ElasticLoadBalancingV2::ListenerRule", "Properties": properties}
            for id, properties in (("Live", rule), ("Cohort", cohort))
        },
    }


@pytest.fixture
def service(cloud: LabCloud, request: pytest.FixtureRequest) -> LiveService:
    """A service of the test's own, at rest; `One` has a registered target, `Two` has none."""
    name = f"s{abs(hash(request.node.name)) % 10**8}"
    cloudformation = cloud.client("cloudformation", REGION)
    for kind, template in (
        (Kind.SERVICE, service_template(name)),
        (Kind.ROUTING, routing_template(name)),
    ):
        cloudformation.create_stack(
            StackName=stack_name("acme", REGION, kind, name), TemplateBody=json.dumps(template)
        )
    made = LiveService(cloud, "acme", REGION, name)
    ec2 = cloud.client("ec2", REGION)
    instance = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]
    cloud.client("elbv2", REGION).register_targets(
        TargetGroupArn=made.outputs()["One"], Targets=[{"Id": instance["InstanceId"]}]
    )
    return made
