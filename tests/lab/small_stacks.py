"""Small templates to create in a lab, and what the lab then says of them."""

from typing import Any

from paved_road_lab.cloud import LabCloud

Template = dict[str, Any]


def queue(name: Any = None) -> Template:
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name} if name else {}}


def parameter(name: str, value: Any) -> Template:
    return {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": name, "Type": "String", "Value": value},
    }


def subnets(cidr: str, zones: str) -> Template:
    """A subnet of `Vpc` in each zone."""
    return {
        f"Subnet{zone.upper()}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": f"{cidr}.{number}.0/24",
                "AvailabilityZone": {"Fn::Join": ["", [{"Ref": "AWS::Region"}, zone]]},
            },
        }
        for number, zone in enumerate(zones)
    }


def network(cidr: str) -> Template:
    """A VPC with two zones, a load balancer, a group behind it and a weighted rule."""
    zones = subnets(cidr, "ab")
    both = [{"Ref": name} for name in zones]
    target_group = {
        "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "Properties": {
            "VpcId": {"Ref": "Vpc"},
            "Port": 80,
            "Protocol": "HTTP",
            "TargetGroupAttributes": [
                {"Key": "deregistration_delay.timeout_seconds", "Value": "7"}
            ],
        },
    }
    return {
        "Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": f"{cidr}.0.0/16"}},
            **zones,
            "Balancer": {
                "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
                "Properties": {"Subnets": both, "Scheme": "internal"},
            },
            "Listener": {
                "Type": "AWS::ElasticLoadBalancingV2::Listener",
                "Properties": {
                    "LoadBalancerArn": {"Ref": "Balancer"},
                    "Port": 80,
                    "Protocol": "HTTP",
                    "DefaultActions": [
                        {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
                    ],
                },
            },
            "Rule": {
                "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
                "Properties": {
                    "ListenerArn": {"Ref": "Listener"},
                    "Priority": 10,
                    "Conditions": [{"Field": "path-pattern", "Values": ["/*"]}],
                    "Actions": [
                        {
                            "Type": "forward",
                            "ForwardConfig": {
                                "TargetGroups": [
                                    {"TargetGroupArn": {"Ref": "One"}, "Weight": "3"},
                                    {"TargetGroupArn": {"Ref": "Two"}, "Weight": 0},
                                ]
                            },
                        }
                    ],
                },
            },
            "One": target_group,
            "Two": target_group,
            "Template": {
                "Type": "AWS::EC2::LaunchTemplate",
                "Properties": {
                    "LaunchTemplateData": {
                        "ImageId": "ami-12345678",
                        "InstanceType": "m8g.large",
                    }
                },
            },
            "Group": {
                "Type": "AWS::AutoScaling::AutoScalingGroup",
                "Properties": {
                    "MinSize": "4",
                    "MaxSize": "8",
                    "VPCZoneIdentifier": both,
                    "TargetGroupARNs": [{"Ref": "One"}],
                    "LaunchTemplate": {
                        "LaunchTemplateId": {"Ref": "Template"},
                        "Version": {"Fn::GetAtt": ["Template", "LatestVersionNumber"]},
                    },
                },
            },
        },
        "Outputs": {
            "Group": {"Value": {"Ref": "Group"}},
            "Targets": {"Value": {"Ref": "One"}},
            "Idle": {"Value": {"Ref": "Two"}},
            "Listener": {"Value": {"Ref": "Listener"}},
            "FullName": {"Value": {"Fn::GetAtt": ["Balancer", "LoadBalancerFullName"]}},
            "TargetName": {"Value": {"Fn::GetAtt": ["One", "TargetGroupFullName"]}},
        },
    }


def create(cloud: LabCloud, name: str, body: str, region: str = "us-east-1") -> dict[str, str]:
    """A stack's outputs, once it stands."""
    cloudformation = cloud.client("cloudformation", region)
    cloudformation.create_stack(
        StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    (found,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    assert found["StackStatus"] == "CREATE_COMPLETE", found
    return outputs(cloud, name, region)


def outputs(cloud: LabCloud, stack: str, region: str = "us-east-1") -> dict[str, str]:
    found = cloud.client("cloudformation", region).describe_stacks(StackName=stack)["Stacks"][0]
    return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())}


def ssm_value(cloud: LabCloud, name: str) -> str:
    return str(cloud.client("ssm", "us-east-1").get_parameter(Name=name)["Parameter"]["Value"])


def targets(cloud: LabCloud, arn: str) -> set[str]:
    health = cloud.client("elbv2", "us-east-1").describe_target_health(TargetGroupArn=arn)
    return {one["Target"]["Id"] for one in health["TargetHealthDescriptions"]}


def members(cloud: LabCloud, group: str) -> dict[str, str]:
    found = cloud.client("autoscaling", "us-east-1").describe_auto_scaling_groups(
        AutoScalingGroupNames=[group]
    )["AutoScalingGroups"][0]
    return {one["InstanceId"]: one["AvailabilityZone"] for one in found["Instances"]}
