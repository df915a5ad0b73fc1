"""A release: its group, scaling, test rule and instances."""

import json
from dataclasses import replace

import pytest
from aws_cdk import App

from paved_road.artifacts import ArtifactBucket
from paved_road.estate import EstateStack
from paved_road.faults import PropsError
from paved_road.service import War
from tests.synth.service.services import DIGEST, REGION, release, service, template_of
from tests.templates import Template, of_type

LARGEST_USER_DATA = 16 * 1024
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html"""


def test_a_release_spans_its_zones_and_starts_as_large_as_it_is_told(first: Template) -> None:
    ((name, group),) = of_type(first, "AWS::AutoScaling::AutoScalingGroup").items()
    assert len(group["VPCZoneIdentifier"]) == 3
    assert group["MinSize"] == {"Ref": "Floor"}
    assert "DesiredCapacity" not in group
    policy = first["Resources"][name]["CreationPolicy"]["ResourceSignal"]
    assert policy == {"Count": {"Ref": "Floor"}, "Timeout": "PT15M"}
    assert {name: one.get("Default") for name, one in first["Parameters"].items()} | {
        "Cell": "testers",
        "Priority": 999,
        "Floor": 3,
    } == {name: one.get("Default") for name, one in first["Parameters"].items()}


def test_a_zone_that_is_added_later_changes_no_standing_release(first: Template) -> None:
    wider = replace(REGION, zones="abcd")
    assert template_of(release(App(), region=wider)) == first
    (group,) = of_type(
        template_of(release(App(), region=wider, zones="abcd")),
        "AWS::AutoScaling::AutoScalingGroup",
    ).values()
    read = [one["Fn::GetStackOutput"]["OutputName"] for one in group["VPCZoneIdentifier"]]
    assert read == [f"PrivateSubnet{zone}" for zone in "ABCD"]


@pytest.mark.parametrize("zones", ["ab", "abd", "aab"])
def test_zones_of_a_release_are_three_or_more_of_its_region(zones: str) -> None:
    with pytest.raises(
        PropsError, match="zones must name at least 3 of the region's zones abc, each once"
    ):
        release(App(), zones=zones)


def test_a_release_scales_on_requests_and_cpu(first: Template) -> None:
    tracked = [
        one["TargetTrackingConfiguration"]
        for one in of_type(first, "AWS::AutoScaling::ScalingPolicy").values()
    ]
    targets = {
        one["PredefinedMetricSpecification"]["PredefinedMetricType"]: one["TargetValue"]
        for one in tracked
    }
    assert targets == {"ALBRequestCountPerTarget": 400, "ASGAverageCPUUtilization": 60}


def test_a_release_is_seen_on_the_test_listener_only(first: Template) -> None:
    (rule,) = of_type(first, "AWS::ElasticLoadBalancingV2::ListenerRule").values()
    assert rule["ListenerArn"]["Fn::GetStackOutput"]["OutputName"] == "TestListenerArn"
    (condition,) = rule["Conditions"]
    header = condition["HttpHeaderConfig"]
    assert header == {
        "HttpHeaderName": "x-cell",
        "Values": [{"Ref": "Cell"}, "place-order-v001"],
    }


def test_instances_are_private_hardened_and_run_the_digest(first: Template) -> None:
    (launch,) = of_type(first, "AWS::EC2::LaunchTemplate").values()
    data = launch["LaunchTemplateData"]
    assert data["MetadataOptions"] == {"HttpTokens": "required", "HttpPutResponseHopLimit": 1}
    assert data["NetworkInterfaces"][0]["AssociatePublicIpAddress"] is False
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True
    assert "KeyName" not in data
    script = json.dumps(data["UserData"])
    assert DIGEST in script
    assert "--cap-drop ALL" in script


def test_a_release_carries_nothing_of_the_library_or_the_moment(first: Template) -> None:
    assert "CDKMetadata" not in first["Resources"]
    again = template_of(release(App(context={"irrelevant": "context"})))
    assert again == first


def test_a_release_tells_its_service_where_those_are_that_it_calls() -> None:
    told = template_of(release(App(), settings={"MODE": "calm"}, calls=("orders-data",)))
    (launch,) = of_type(told, "AWS::EC2::LaunchTemplate").values()
    script = json.dumps(launch["LaunchTemplateData"]["UserData"])
    assert "\\nMODE=calm\\nSETTINGS\\n" in script
    assert "\\nORDERS_DATA_URL=http://" in script
    outputs = [
        {"StackName": "acme-us-east-1-service-orders-data", "OutputName": name}
        for name in ("Address", "Port")
    ]
    assert all(json.dumps(one)[1:-1] in script for one in outputs)


def test_a_release_tells_its_service_where_to_find_its_rings() -> None:
    told = template_of(release(App(), rings=("orders",)))
    (launch,) = of_type(told, "AWS::EC2::LaunchTemplate").values()
    script = json.dumps(launch["LaunchTemplateData"]["UserData"])
    for line in (
        "CONTACTS=/acme/rings/orders/contacts",
        "PORT=9042",
        "SECRETS=acme/rings/orders/clients/place-order",
        "TRUST=/acme/rings/orders/trust",
    ):
        assert f"\\nRING_ORDERS_{line}\\n" in script
    assert "\\nRING_ORDERS_DATA_CENTER=" in script
    read = {"StackName": "acme-us-east-1-ring-orders", "OutputName": "DataCenter"}
    assert json.dumps(read)[1:-1] in script


def test_a_service_that_runs_wars_reads_its_own_folder_and_tomcats() -> None:
    made = service(App())
    made.connects_to(ArtifactBucket.from_estate(made, REGION))
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    (policy,) = of_type(template_of(stack), "AWS::IAM::ManagedPolicy").values()
    read, decrypt = policy["PolicyDocument"]["Statement"]
    assert (read["Action"], decrypt["Action"]) == (["s3:GetObject"], ["kms:Decrypt"])
    assert [json.dumps(one).rpartition("-artifacts-")[2] for one in read["Resource"]] == [
        f'", {{"Ref": "AWS::AccountId"}}, "{end}"]]}}'
        for end in ("/services/place-order/*", "/tomcat/*")
    ]


def test_a_war_is_fetched_by_its_checksum_within_what_user_data_holds() -> None:
    war = War.by_digest("services/place-order/1.war", 64 * "1")
    template = template_of(release(App(), artifact=war))
    (launch,) = of_type(template, "AWS::EC2::LaunchTemplate").values()
    script = json.dumps(launch["LaunchTemplateData"]["UserData"])
    assert f"services/place-order/1.war {64 * '1'} tomcat/" in script
    assert len(script) < LARGEST_USER_DATA
