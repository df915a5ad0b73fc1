"""Each extension does what CloudFormation does, on the taught emulator."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paved_road_lab.cloud import LabCloud

pytestmark = pytest.mark.slow

Template = dict[str, Any]


@pytest.fixture
def create(cloud: LabCloud, request: pytest.FixtureRequest) -> Any:
    """Creates stacks named after the test."""

    def make(
        template: Template, *, region: str = "us-east-1", suffix: str = "", **given: Any
    ) -> str:
        name = f"{request.node.name.replace('_', '-')[:100]}{suffix}"
        cloud.client("cloudformation", region).create_stack(
            StackName=name, TemplateBody=json.dumps(template), **given
        )
        return name

    return make


def queue(name: Any = None) -> Template:
    return {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name} if name else {}}


def outputs(cloud: LabCloud, stack: str, region: str = "us-east-1") -> dict[str, str]:
    found = cloud.client("cloudformation", region).describe_stacks(StackName=stack)["Stacks"][0]
    return {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", ())}


def parameter(name: str, value: Any) -> Template:
    return {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Name": name, "Type": "String", "Value": value},
    }


def ssm_value(cloud: LabCloud, name: str) -> str:
    return str(cloud.client("ssm", "us-east-1").get_parameter(Name=name)["Parameter"]["Value"])


def publishing(value: str) -> Template:
    return {"Resources": {"Q": queue()}, "Outputs": {"Told": {"Value": value}}}


def reading(producer: str, region: str | None = None) -> Template:
    where = {"Region": region} if region else {}
    read = {"Fn::GetStackOutput": {"StackName": producer, "OutputName": "Told", **where}}
    return {
        "Resources": {"P": parameter(f"/reader/{producer}", read)},
        "Outputs": {"Heard": {"Value": read}},
    }


def test_outputs_are_read_across_stacks_and_regions(cloud: LabCloud, create: Any) -> None:
    near = create(publishing("near"), suffix="-near")
    far = create(publishing("far"), region="eu-west-1", suffix="-far")
    assert outputs(cloud, create(reading(near), suffix="-a")) == {"Heard": "near"}
    assert outputs(cloud, create(reading(far, "eu-west-1"), suffix="-b")) == {"Heard": "far"}


def test_a_read_of_what_is_not_published_fails(create: Any) -> None:
    with pytest.raises(ClientError, match="does not exist"):
        create(reading("nobody"))


def test_reads_are_resolved_again_at_every_update(cloud: LabCloud, create: Any) -> None:
    cloudformation = cloud.client("cloudformation", "us-east-1")
    producer = create(publishing("one"), suffix="-producer")
    reader = create(reading(producer), suffix="-reader")
    cloudformation.update_stack(StackName=producer, TemplateBody=json.dumps(publishing("two")))
    assert ssm_value(cloud, f"/reader/{producer}") == "one"
    cloudformation.update_stack(StackName=reader, UsePreviousTemplate=True)
    assert ssm_value(cloud, f"/reader/{producer}") == "two"
    assert outputs(cloud, reader) == {"Heard": "two"}


PARAMETERS: Template = {
    "Parameters": {"Size": {"Type": "String", "Default": "small"}},
    "Resources": {
        "P": parameter("/size", {"Ref": "Size"}),
        "S": parameter("/sub", {"Fn::Sub": "it is ${Size}"}),
    },
}


def test_a_parameter_left_out_of_an_update_goes_back_to_its_default(
    cloud: LabCloud, create: Any
) -> None:
    cloudformation = cloud.client("cloudformation", "us-east-1")
    large = [{"ParameterKey": "Size", "ParameterValue": "large"}]
    stack = create(PARAMETERS, Parameters=large)
    assert (ssm_value(cloud, "/size"), ssm_value(cloud, "/sub")) == ("large", "it is large")
    kept = [{"ParameterKey": "Size", "UsePreviousValue": True}]
    with pytest.raises(ClientError, match="No updates are to be performed"):
        cloudformation.update_stack(StackName=stack, UsePreviousTemplate=True, Parameters=kept)
    cloudformation.update_stack(StackName=stack, UsePreviousTemplate=True)
    assert (ssm_value(cloud, "/size"), ssm_value(cloud, "/sub")) == ("small", "it is small")
    cloudformation.delete_stack(StackName=stack)


def test_a_previous_value_that_was_never_passed_is_the_default(
    cloud: LabCloud, create: Any
) -> None:
    cloudformation = cloud.client("cloudformation", "us-east-1")
    stack = create(PARAMETERS)
    changed = {**PARAMETERS, "Resources": {**PARAMETERS["Resources"], "Q": queue()}}
    cloudformation.update_stack(
        StackName=stack,
        TemplateBody=json.dumps(changed),
        Parameters=[{"ParameterKey": "Size", "UsePreviousValue": True}],
    )
    assert ssm_value(cloud, "/size") == "small"
    cloudformation.delete_stack(StackName=stack)


def test_parameters_from_ssm_keep_their_name_and_follow_its_value(
    cloud: LabCloud, create: Any
) -> None:
    ssm = cloud.client("ssm", "us-east-1")
    cloudformation = cloud.client("cloudformation", "us-east-1")
    ssm.put_parameter(Name="/weight", Value="1", Type="String")
    stack = create(
        {
            "Parameters": {
                "Weight": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/weight"}
            },
            "Resources": {"P": parameter("/copy", {"Ref": "Weight"})},
        }
    )
    for value in ("2", "3"):
        ssm.put_parameter(Name="/weight", Value=value, Overwrite=True)
        cloudformation.update_stack(
            StackName=stack,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": "Weight", "UsePreviousValue": True}],
        )
        assert ssm_value(cloud, "/copy") == value


def test_what_refers_to_a_skipped_resource_says_so(cloud: LabCloud, create: Any) -> None:
    stack = create(
        {
            "Resources": {
                "Skipped": {"Type": "AWS::AppConfig::Application", "Properties": {"Name": "x"}},
                "P": parameter("/refers", {"Ref": "Skipped"}),
            },
            "Outputs": {"Id": {"Value": {"Ref": "Skipped"}}},
        }
    )
    assert ssm_value(cloud, "/refers") == "paved-road-lab-skipped-Skipped"
    assert outputs(cloud, stack) == {"Id": "paved-road-lab-skipped-Skipped"}


def network(cidr: str) -> Template:
    """A VPC with two zones, a load balancer, a group behind it and a weighted rule."""
    subnets = {
        f"Subnet{zone.upper()}": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": f"{cidr}.{number}.0/24",
                "AvailabilityZone": f"us-east-1{zone}",
            },
        }
        for number, zone in enumerate("ab")
    }
    both = [{"Ref": name} for name in subnets]
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
            **subnets,
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


def targets(cloud: LabCloud, arn: str) -> set[str]:
    health = cloud.client("elbv2", "us-east-1").describe_target_health(TargetGroupArn=arn)
    return {one["Target"]["Id"] for one in health["TargetHealthDescriptions"]}


def members(cloud: LabCloud, group: str) -> dict[str, str]:
    found = cloud.client("autoscaling", "us-east-1").describe_auto_scaling_groups(
        AutoScalingGroupNames=[group]
    )["AutoScalingGroups"][0]
    return {one["InstanceId"]: one["AvailabilityZone"] for one in found["Instances"]}


def test_targets_follow_the_group_and_instances_spread_over_zones(
    cloud: LabCloud, create: Any
) -> None:
    told = outputs(cloud, create(network("10.1")))
    groups, ec2 = (cloud.client(name, "us-east-1") for name in ("autoscaling", "ec2"))
    before = members(cloud, told["Group"])
    assert sorted(before.values()) == ["us-east-1a"] * 2 + ["us-east-1b"] * 2
    assert targets(cloud, told["Targets"]) == set(before)
    killed = next(iter(before))
    ec2.terminate_instances(InstanceIds=[killed])
    replaced = members(cloud, told["Group"])
    assert killed not in replaced
    assert len(replaced) == 4
    assert targets(cloud, told["Targets"]) == set(replaced)
    for size in (6, 4):
        groups.set_desired_capacity(AutoScalingGroupName=told["Group"], DesiredCapacity=size)
        assert len(members(cloud, told["Group"])) == size
        assert targets(cloud, told["Targets"]) == set(members(cloud, told["Group"]))


def test_a_group_that_may_not_replace_does_not(cloud: LabCloud, create: Any) -> None:
    told = outputs(cloud, create(network("10.2")))
    groups, ec2 = (cloud.client(name, "us-east-1") for name in ("autoscaling", "ec2"))
    groups.suspend_processes(
        AutoScalingGroupName=told["Group"], ScalingProcesses=["ReplaceUnhealthy"]
    )
    before = set(members(cloud, told["Group"]))
    ec2.terminate_instances(InstanceIds=[min(before)])
    assert set(members(cloud, told["Group"])) == before


def test_full_names_attributes_weights_and_order_are_as_aws_has_them(
    cloud: LabCloud, create: Any
) -> None:
    told = outputs(cloud, create(network("10.3")))
    elb = cloud.client("elbv2", "us-east-1")
    assert told["FullName"].startswith("app/")
    assert told["TargetName"].startswith("targetgroup/")
    attributes = elb.describe_target_group_attributes(TargetGroupArn=told["Targets"])["Attributes"]
    assert {"Key": "deregistration_delay.timeout_seconds", "Value": "7"} in attributes
    elb.create_rule(
        ListenerArn=told["Listener"],
        Priority=5,
        Conditions=[{"Field": "path-pattern", "Values": ["/early"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": told["Idle"]}],
    )
    rules = elb.describe_rules(ListenerArn=told["Listener"])["Rules"]
    assert [rule["Priority"] for rule in rules] == ["5", "10", "default"]
    weighted = rules[1]["Actions"][0]["ForwardConfig"]["TargetGroups"]
    assert [one["Weight"] for one in weighted] == [3, 0]
    for refused in (1000, -1):
        with pytest.raises(ClientError, match="Weight must be between 0 and 999"):
            elb.modify_rule(
                RuleArn=rules[1]["RuleArn"],
                Actions=[
                    {
                        "Type": "forward",
                        "ForwardConfig": {
                            "TargetGroups": [{"TargetGroupArn": told["Targets"], "Weight": refused}]
                        },
                    }
                ],
            )


def test_a_group_is_updated_in_place(cloud: LabCloud, create: Any) -> None:
    template = network("10.4")
    stack = create(template)
    told = outputs(cloud, stack)
    before = set(members(cloud, told["Group"]))
    template["Resources"]["Group"]["Properties"]["MinSize"] = "5"
    cloud.client("cloudformation", "us-east-1").update_stack(
        StackName=stack, TemplateBody=json.dumps(template)
    )
    assert outputs(cloud, stack) == told
    assert before < set(members(cloud, told["Group"]))


def test_a_deleted_stack_leaves_nothing(cloud: LabCloud, create: Any) -> None:
    stack = create(network("10.5"))
    told = outputs(cloud, stack)
    instances = list(members(cloud, told["Group"]))
    cloud.client("cloudformation", "us-east-1").delete_stack(StackName=stack)
    elb, ec2 = (cloud.client(name, "us-east-1") for name in ("elbv2", "ec2"))
    for arn in (told["Targets"], told["Idle"]):
        with pytest.raises(ClientError, match="TargetGroupNotFound"):
            elb.describe_target_groups(TargetGroupArns=[arn])
    states = ec2.describe_instances(InstanceIds=instances)["Reservations"]
    assert {one["State"]["Name"] for r in states for one in r["Instances"]} == {"terminated"}
    ranges = {vpc["CidrBlock"] for vpc in ec2.describe_vpcs()["Vpcs"]}
    assert "10.5.0.0/16" not in ranges


def test_a_deletion_that_fails_keeps_the_stack(cloud: LabCloud, create: Any) -> None:
    used, user = create(network("10.7"), suffix="-used"), create(network("10.8"), suffix="-user")
    cloud.client("elbv2", "us-east-1").create_rule(
        ListenerArn=outputs(cloud, user)["Listener"],
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/other"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": outputs(cloud, used)["Idle"]}],
    )
    cloudformation = cloud.client("cloudformation", "us-east-1")
    with pytest.raises(ClientError, match="currently in use"):
        cloudformation.delete_stack(StackName=used)
    found = cloudformation.describe_stacks(StackName=used)["Stacks"][0]
    assert found["StackStatus"] == "DELETE_FAILED"


def test_termination_protection_and_stack_policy_hold(cloud: LabCloud, create: Any) -> None:
    cloudformation = cloud.client("cloudformation", "us-east-1")
    stack = create({"Resources": {"Q": queue()}})
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=True)
    with pytest.raises(ClientError, match="TerminationProtection is enabled"):
        cloudformation.delete_stack(StackName=stack)
    policy = {
        "Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]
    }
    cloudformation.set_stack_policy(StackName=stack, StackPolicyBody=json.dumps(policy))
    with pytest.raises(ClientError, match="denies this update"):
        cloudformation.update_stack(
            StackName=stack, TemplateBody=json.dumps({"Resources": {"R": queue()}})
        )


def test_a_subnets_route_table_can_be_found(cloud: LabCloud, create: Any) -> None:
    template = network("10.6")
    template["Resources"] |= {
        "Table": {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}},
        "Association": {
            "Type": "AWS::EC2::SubnetRouteTableAssociation",
            "Properties": {"RouteTableId": {"Ref": "Table"}, "SubnetId": {"Ref": "SubnetA"}},
        },
    }
    template["Outputs"] = {
        "Subnet": {"Value": {"Ref": "SubnetA"}},
        "Table": {"Value": {"Ref": "Table"}},
    }
    told = outputs(cloud, create(template))
    found = cloud.client("ec2", "us-east-1").describe_route_tables(
        Filters=[{"Name": "association.subnet-id", "Values": [told["Subnet"]]}]
    )["RouteTables"]
    assert [table["RouteTableId"] for table in found] == [told["Table"]]
