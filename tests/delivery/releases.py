"""Releases as their stacks leave them, made by hand in a lab: a target group and a group."""

import json
from pathlib import Path
from typing import Any

from paved_road_contract.stacks import Kind, release_name, stack_name
from paved_road_delivery.contract import ReleaseOutput, ReleaseParameter
from paved_road_delivery.service import Lane, LiveService, describe_stack, outputs_of

SERVICE_NAME = {"Fn::GetAtt": ["Service", "Name"]}


def stand(service: LiveService, number: int, instances: int = 2) -> str:
    """Create a release whose instances are healthy; its name."""
    name = release_name(service.name, number)
    service.client("cloudformation").create_stack(
        StackName=stack_name(service.estate, service.region, Kind.RELEASE, name),
        TemplateBody=json.dumps(_template(name, service.outputs()["Vpc"], instances)),
    )
    return name


def stand_tasks(service: LiveService, number: int, tasks: int = 2) -> str:
    """The same on ECS; no task of it runs."""
    name = release_name(service.name, number)
    scaled = {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": {"Fn::Join": ["/", ["service", {"Ref": "Cluster"}, SERVICE_NAME]]},
        "MinCapacity": tasks,
        "MaxCapacity": 10,
    }
    task = {
        "Family": name,
        "ContainerDefinitions": [{"Name": "one", "Image": "one"}],
        "Memory": "512",
    }
    made = {
        "Cluster": {"Ref": "Cluster"},
        "DesiredCount": tasks,
        "TaskDefinition": {"Ref": "Task"},
    }
    template = _template(name, service.outputs()["Vpc"], tasks)
    template["Resources"] = {
        "Targets": template["Resources"]["Targets"],
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {}},
        "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": task},
        "Service": {"Type": "AWS::ECS::Service", "Properties": made},
        "Scaled": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": scaled},
    }
    del template["Outputs"][ReleaseOutput.GROUP]
    template["Outputs"][ReleaseOutput.TASKS] = {"Value": scaled["ResourceId"]}
    service.client("cloudformation").create_stack(
        StackName=stack_name(service.estate, service.region, Kind.RELEASE, name),
        TemplateBody=json.dumps(template),
    )
    return name


def in_service(service: LiveService, *numbers: int) -> list[str]:
    """Create releases of which the first one has all the traffic; their names."""
    names = [stand(service, number) for number in numbers]
    stack = stack_name(service.estate, service.region, Kind.RELEASE, names[0])
    found = describe_stack(service.client("cloudformation"), stack)
    group = outputs_of(found or {})[ReleaseOutput.TARGET_GROUP]
    service.move([Lane(group, 1), *(Lane(one, 0) for one in service.idle()[1:])])
    return names


def assembled(service: LiveService, number: int, folder: Path) -> Path:
    """A synthesized app that holds that release and nothing else."""
    name = release_name(service.name, number)
    stack = stack_name(service.estate, service.region, Kind.RELEASE, name)
    template = _template(name, "vpc", 2) | {"Parameters": {ReleaseParameter.FLOOR: {"Default": 1}}}
    (folder / "template.json").write_text(json.dumps(template))
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://unknown-account/{service.region}",
        "properties": {"templateFile": "template.json"},
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {stack: artifact}}))
    return folder


def _template(name: str, vpc: str, instances: int) -> dict[str, Any]:
    template = {"ImageId": "ami-12345678", "InstanceType": "m8g.large"}
    return {
        "Parameters": {
            ReleaseParameter.CELL: {"Type": "String", "Default": "testers"},
            ReleaseParameter.PRIORITY: {"Type": "Number", "Default": 1},
            ReleaseParameter.FLOOR: {"Type": "Number", "Default": instances},
        },
        "Resources": {
            "Targets": {
                "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
                "Properties": {"VpcId": vpc, "Port": 80, "Protocol": "HTTP"},
            },
            "Template": {
                "Type": "AWS::EC2::LaunchTemplate",
                "Properties": {"LaunchTemplateName": name, "LaunchTemplateData": template},
            },
            "Group": {
                "Type": "AWS::AutoScaling::AutoScalingGroup",
                "Properties": {
                    "AvailabilityZones": [{"Fn::Join": ["", [{"Ref": "AWS::Region"}, "a"]]}],
                    "MinSize": "1",
                    "MaxSize": "10",
                    "DesiredCapacity": {"Ref": ReleaseParameter.FLOOR},
                    "LaunchTemplate": {
                        "LaunchTemplateId": {"Ref": "Template"},
                        "Version": {"Fn::GetAtt": ["Template", "LatestVersionNumber"]},
                    },
                    "TargetGroupARNs": [{"Ref": "Targets"}],
                },
            },
        },
        "Outputs": {
            ReleaseOutput.TARGET_GROUP: {"Value": {"Ref": "Targets"}},
            ReleaseOutput.GROUP: {"Value": {"Ref": "Group"}},
            ReleaseOutput.RELEASE: {"Value": name},
        },
    }
