"""Groups, load balancers and route tables behave as AWS's do."""

import copy
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paved_road_lab.cloud import LabCloud
from tests.lab.small_stacks import members, network, outputs, targets

pytestmark = pytest.mark.slow


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


def test_a_rule_changes_its_place_by_update_and_by_call(cloud: LabCloud, create: Any) -> None:
    template = network("10.7")
    rule = next(
        one
        for one in template["Resources"].values()
        if one["Type"] == "AWS::ElasticLoadBalancingV2::ListenerRule"
    )
    template["Resources"]["Second"] = copy.deepcopy(rule)
    template["Resources"]["Second"]["Properties"]["Priority"] = "20"
    stack, elb = create(template), cloud.client("elbv2", "us-east-1")
    listener = outputs(cloud, stack)["Listener"]

    def places() -> list[str]:
        found = elb.describe_rules(ListenerArn=listener)["Rules"]
        return [one["RuleArn"] for one in found if one["Priority"] != "default"]

    first, second = places()
    template["Resources"]["Second"]["Properties"]["Priority"] = "5"
    cloud.client("cloudformation", "us-east-1").update_stack(
        StackName=stack, TemplateBody=json.dumps(template)
    )
    assert places() == [second, first]
    with pytest.raises(ClientError, match="PriorityInUse"):
        elb.set_rule_priorities(RulePriorities=[{"RuleArn": first, "Priority": 5}])
    elb.set_rule_priorities(
        RulePriorities=[{"RuleArn": first, "Priority": 5}, {"RuleArn": second, "Priority": 10}]
    )
    assert places() == [first, second]


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
