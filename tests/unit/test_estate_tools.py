"""The picture and the idle costs that are read from templates."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from paved_road_contract.assembly import Stack, stacks
from paved_road_contract.tags import COMPONENT
from paved_road_estate.costs import Member, costs, member
from paved_road_estate.picture import picture

Make = Callable[..., Stack]
PRICES = {"x9.large": 0.1}


@pytest.fixture
def stack(tmp_path: Path) -> Make:
    def make(name: str, kind: str, template: dict[str, Any], region: str = "us-east-1") -> Stack:
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(template))
        return Stack(
            name=f"acme-{region}-{name}",
            region=region,
            stage="",
            template_file=file,
            tags={COMPONENT: kind},
            dependencies=(),
            termination_protection=True,
        )

    return make


GROUP: dict[str, Any] = {
    "Parameters": {"Floor": {"Type": "Number", "Default": 3}},
    "Resources": {
        "Launch": {
            "Type": "AWS::EC2::LaunchTemplate",
            "Properties": {
                "LaunchTemplateData": {
                    "InstanceType": "x9.large",
                    "BlockDeviceMappings": [{"Ebs": {"VolumeSize": 10}}],
                }
            },
        },
        "Group": {
            "Type": "AWS::AutoScaling::AutoScalingGroup",
            "Properties": {
                "MinSize": {"Ref": "Floor"},
                "MaxSize": "60",
                "LaunchTemplate": {"LaunchTemplateId": {"Ref": "Launch"}},
            },
        },
    },
}


def test_a_group_costs_its_smallest_size_and_its_volumes(stack: Make) -> None:
    total = costs([stack("release-x-v001", "release", GROUP)], PRICES)
    assert {line.resource: line.count for line in total.lines} == {
        "x9.large": 3,
        "AWS::EC2::Volume": 30,
    }
    assert total.usd_per_month == pytest.approx(3 * 0.1 * 730 + 30 * 0.08)


def test_detailed_monitoring_is_paid_for_by_instance(stack: Make) -> None:
    template = json.loads(json.dumps(GROUP))
    launch = template["Resources"]["Launch"]["Properties"]["LaunchTemplateData"]
    launch["Monitoring"] = {"Enabled": True}
    watched = costs([stack("release-x-v001", "release", template)], PRICES)
    plain = costs([stack("release-y-v001", "release", GROUP)], PRICES)
    assert watched.usd_per_month - plain.usd_per_month == pytest.approx(3 * 2.10)


def test_a_task_of_fargate_costs_what_it_is_given(stack: Make) -> None:
    task = {
        "RequiresCompatibilities": ["FARGATE"],
        "Cpu": "512",
        "Memory": "1024",
        "RuntimePlatform": {"CpuArchitecture": "ARM64"},
    }
    service = {"LaunchType": "FARGATE", "DesiredCount": {"Ref": "Floor"}}
    template = {
        "Parameters": {"Floor": {"Default": 3}},
        "Resources": {
            "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": task},
            "Service": {
                "Type": "AWS::ECS::Service",
                "Properties": {**service, "TaskDefinition": {"Ref": "Task"}},
            },
        },
    }
    total = costs([stack("release-x-v001", "release", template)], PRICES)
    assert {line.resource: line.count for line in total.lines} == {
        "Fargate vCPU (ARM64)": 1.5,
        "Fargate GB (ARM64)": 3.0,
    }
    assert total.usd_per_month == pytest.approx(730 * (1.5 * 0.03238 + 3 * 0.00356))
    one = member(template)
    assert one.what == "a task with 0.5 vCPU and 1 GB (ARM64)"
    assert one.usd_per_hour == pytest.approx(0.5 * 0.03238 + 0.00356)
    del task["RuntimePlatform"]
    assert member(template).usd_per_hour == pytest.approx(0.5 * 0.04048 + 0.004445), "X86_64"


def test_a_member_without_a_price_is_said_to_have_none() -> None:
    assert member(GROUP) == Member("x9.large", None)
    on_ec2 = {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {}}}
    assert member({"Resources": on_ec2}).usd_per_hour is None


def test_an_instance_type_without_a_price_is_named_not_dropped(stack: Make) -> None:
    assert costs([stack("release-x-v001", "release", GROUP)], {}).unpriced == ("x9.large",)


def test_interface_endpoints_cost_per_zone_and_gateways_nothing(stack: Make) -> None:
    endpoints = {
        "Resources": {
            "A": {
                "Type": "AWS::EC2::VPCEndpoint",
                "Properties": {"VpcEndpointType": "Interface", "SubnetIds": ["a", "b", "c"]},
            },
            "B": {"Type": "AWS::EC2::VPCEndpoint", "Properties": {"VpcEndpointType": "Gateway"}},
        }
    }
    total = costs([stack("network", "network", endpoints)], PRICES)
    assert total.usd_per_month == pytest.approx(3 * 0.01 * 730)


def test_what_is_billed_by_use_is_listed_without_a_price(stack: Make) -> None:
    bucket = {"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}
    assert costs([stack("backup", "backup", bucket)], PRICES).by_use == {"AWS::S3::Bucket": 1}


def test_the_picture_draws_what_one_stack_reads_of_another(stack: Make) -> None:
    reader = {
        "Resources": {
            "Launch": GROUP["Resources"]["Launch"],
            "Group": {
                "Type": "AWS::AutoScaling::AutoScalingGroup",
                "Properties": {
                    "MaxSize": "60",
                    "Arn": {
                        "Fn::GetStackOutput": {
                            "StackName": "acme-us-east-1-routing-x",
                            "OutputName": "Arn",
                        }
                    },
                },
            },
        }
    }
    drawn = picture(
        [
            stack("release-x-v001", "release", reader),
            stack("routing-x", "routing", {"Resources": {}}),
        ]
    )
    assert "acme_us_east_1_release_x_v001 --> acme_us_east_1_routing_x" in drawn
    assert 'subgraph us_east_1["us-east-1"]' in drawn
    assert "up to 60 instances" in drawn


def test_a_folder_without_a_synth_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="run `cdk synth` first"):
        stacks(tmp_path)
