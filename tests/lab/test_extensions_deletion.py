"""Deletion leaves nothing, fails and is refused as CloudFormation has it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paved_road_lab.cloud import LabCloud
from tests.lab.small_stacks import members, network, outputs, queue

pytestmark = pytest.mark.slow


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
