"""What a ring's nodes may do equals what they do: by the template, and by the lab's record."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from paved_road_lab.calls import calls
from paved_road_lab.cloud import LabCloud
from paved_road_lab.state import Lab
from paved_road_ring_agent.cloud import Cloud
from paved_road_ring_agent.contract import LAUNCH_HOOK, TERMINATION_HOOK
from tests.lab.grants import BACKUPS, BY_OTHERS, RARELY, compare, granted_actions
from tests.nodes import NODE
from tests.synth.ring.rings import ring_stack

REGION = "us-east-1"
RING = Template.from_stack(ring_stack()).to_json()


def statement(*actions: str, effect: str = "Allow") -> dict[str, Any]:
    return {"Effect": effect, "Action": list(actions), "Resource": "*"}


def test_grants_are_read_from_every_kind_of_policy() -> None:
    template = {
        "Resources": {
            "One": {
                "Type": "AWS::IAM::Role",
                "Properties": {"Policies": [{"PolicyDocument": {"Statement": [statement("a:B")]}}]},
            },
            "Ours": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "Roles": [{"Ref": "One"}],
                    "PolicyDocument": {
                        "Statement": [
                            {**statement(), "Action": "a:C"},
                            statement("a:D", effect="Deny"),
                        ]
                    },
                },
            },
            "Theirs": {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "Roles": [{"Ref": "Other"}],
                    "PolicyDocument": {"Statement": [statement("a:E")]},
                },
            },
        }
    }
    assert granted_actions(template, "One") == {"a:B", "a:C"}
    assert granted_actions(template) == {"a:B", "a:C", "a:E"}


def test_too_much_too_little_and_excuses_for_nothing_are_all_faults() -> None:
    granted, called = frozenset({"a:B", "a:C", "a:D"}), frozenset({"a:B", "a:E"})
    assert compare(granted, called, excused=frozenset({"a:D", "a:F"})) == [
        "a:C is granted and nobody calls it",
        "a:E is called and not granted",
        "a:F is excused and not even granted",
    ]
    whole = frozenset({"a:B"})
    assert compare(whole, whole | {"sts:GetCallerIdentity"}, excused=frozenset()) == []


def test_what_is_excused_is_granted_and_has_one_reason() -> None:
    granted = granted_actions(RING) | BACKUPS.keys()
    assert {*BY_OTHERS, *RARELY, *BACKUPS} <= granted
    assert len({*BY_OTHERS, *RARELY, *BACKUPS}) == len(BY_OTHERS) + len(RARELY) + len(BACKUPS)
    assert set(RARELY.values()) <= globals().keys()


@pytest.mark.slow
@pytest.mark.usefixtures("living")
def test_what_is_called_rarely_is_granted_by_name(
    lab: Lab, cloud: LabCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = cloud.client("iam", REGION)
    role = iam.create_role(
        RoleName="rarely",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": []}),
    )["Role"]
    groups = cloud.client("autoscaling", REGION)
    groups.create_launch_configuration(
        LaunchConfigurationName="node", ImageId="ami-12c6146b", InstanceType="i8g.2xlarge"
    )
    hooks = {LAUNCH_HOOK: "LAUNCHING", TERMINATION_HOOK: "TERMINATING"}
    groups.create_auto_scaling_group(
        AutoScalingGroupName="rack",
        LaunchConfigurationName="node",
        MinSize=1,
        MaxSize=1,
        AvailabilityZones=[f"{REGION}a"],
        LifecycleHookSpecificationList=[
            {
                "LifecycleHookName": name,
                "LifecycleTransition": f"autoscaling:EC2_INSTANCE_{transition}",
                "DefaultResult": "ABANDON",
            }
            for name, transition in hooks.items()
        ],
    )
    given = cloud.client("sts", REGION).assume_role(RoleArn=role["Arn"], RoleSessionName="i-1")
    for name, value in {
        "AWS_ENDPOINT_URL": lab.endpoint,
        "AWS_ACCESS_KEY_ID": given["Credentials"]["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["Credentials"]["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["Credentials"]["SessionToken"],
    }.items():
        monkeypatch.setenv(name, value)
    node = Cloud(NODE)
    described = groups.describe_auto_scaling_groups(AutoScalingGroupNames=["rack"])
    (instance,) = (one["InstanceId"] for one in described["AutoScalingGroups"][0]["Instances"])
    node.keep_waiting("rack", instance)
    node.replace(instance)
    assert set(calls(lab)["rarely"]) == set(RARELY)
