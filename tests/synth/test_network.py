"""The network's template."""

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from paved_road.estate import Estate, EstateStack, Region
from paved_road.faults import PropsError
from paved_road.network import MEMBER_ENDPOINTS, Nat, Network, Tier
from paved_road.network.endpoints import ENDPOINT_SERVICES
from paved_road.network.view import subnet_output
from paved_road_contract.stacks import Kind
from tests.findings import unexplained_findings
from tests.templates import Template, of_type, only_adds, template


def region(zones: str = "abc", name: str = "us-east-1") -> Region:
    return Estate("acme", cidr="10.0.0.0/8", zones={name: zones}).regions[0]


def network(where: Region, **props: Any) -> Template:
    return template(
        where, Kind.NETWORK, lambda stack: Network(stack, "Network", region=where, **props)
    )


@pytest.fixture(scope="module")
def standard() -> Template:
    return network(region())


@pytest.fixture(scope="module")
def with_another_zone() -> Template:
    return network(region("abcd"))


def default_routes(found: Template) -> dict[str, Any]:
    return {
        name: properties
        for name, properties in of_type(found, "AWS::EC2::Route").items()
        if properties["DestinationCidrBlock"] == "0.0.0.0/0"
    }


def table_of(found: Template, subnet_id: str) -> str:
    (association,) = (
        properties
        for properties in of_type(found, "AWS::EC2::SubnetRouteTableAssociation").values()
        if properties["SubnetId"] == {"Ref": subnet_id}
    )
    return str(association["RouteTableId"]["Ref"])


def test_each_zone_has_a_subnet_of_each_tier(standard: Template) -> None:
    zones = [s["AvailabilityZone"] for s in of_type(standard, "AWS::EC2::Subnet").values()]
    assert sorted(zones) == sorted(["us-east-1a", "us-east-1b", "us-east-1c"] * 3)


def test_nothing_gets_a_public_address_on_launch(standard: Template) -> None:
    subnets = of_type(standard, "AWS::EC2::Subnet").values()
    assert all(subnet["MapPublicIpOnLaunch"] is False for subnet in subnets)


@pytest.mark.parametrize("nat", list(Nat))
def test_the_ring_tier_has_no_way_to_the_internet(nat: Nat) -> None:
    found = network(region(), nat=nat, interface_endpoints=MEMBER_ENDPOINTS)
    ring_tables = {
        table_of(found, found["Outputs"][f"RingSubnet{zone}"]["Value"]["Ref"]) for zone in "ABC"
    }
    routed = {route["RouteTableId"]["Ref"] for route in of_type(found, "AWS::EC2::Route").values()}
    assert len(ring_tables) == 3
    assert not ring_tables & routed


@pytest.mark.parametrize(
    ("nat", "gateways", "routes"), [("per-zone", 3, 3), ("single", 1, 3), ("none", 0, 0)]
)
def test_the_private_tier_leaves_through_as_many_gateways_as_asked(
    nat: str, gateways: int, routes: int
) -> None:
    found = network(region(), nat=Nat(nat), interface_endpoints=MEMBER_ENDPOINTS)
    assert len(of_type(found, "AWS::EC2::NatGateway")) == gateways
    through = [route for route in default_routes(found).values() if "NatGatewayId" in route]
    assert len(through) == routes


def test_each_zone_leaves_through_its_own_gateway(standard: Template) -> None:
    gateways = {
        route.get("NatGatewayId", {}).get("Ref") for route in default_routes(standard).values()
    }
    assert len(gateways - {None}) == 3


def test_private_and_ring_tiers_reach_s3_and_dynamodb_through_gateways(standard: Template) -> None:
    gateways = [
        endpoint
        for endpoint in of_type(standard, "AWS::EC2::VPCEndpoint").values()
        if endpoint["VpcEndpointType"] == "Gateway"
    ]
    assert len(gateways) == 2
    assert all(len(gateway["RouteTableIds"]) == 6 for gateway in gateways)


def test_endpoints_serve_this_account_only(standard: Template) -> None:
    for endpoint in of_type(standard, "AWS::EC2::VPCEndpoint").values():
        for statement in endpoint["PolicyDocument"]["Statement"]:
            own = {"Ref": "AWS::AccountId"}
            if statement["Sid"] == "OwnAccountOnly":
                assert statement["Condition"]["StringEquals"]["aws:PrincipalAccount"] == own
            else:
                assert statement["Action"] == "s3:GetObject"
                assert statement["Resource"] != "*"


def test_endpoints_admit_https_from_the_vpc_and_call_nobody(standard: Template) -> None:
    (group,) = of_type(standard, "AWS::EC2::SecurityGroup").values()
    (ingress,) = group["SecurityGroupIngress"]
    assert (ingress["CidrIp"], ingress["FromPort"], ingress["ToPort"]) == ("10.0.0.0/16", 443, 443)
    assert [rule["CidrIp"] for rule in group["SecurityGroupEgress"]] == ["255.255.255.255/32"]


def test_all_flows_are_logged_under_a_key_of_their_own_and_kept(standard: Template) -> None:
    (flow,) = of_type(standard, "AWS::EC2::FlowLog").values()
    assert flow["TrafficType"] == "ALL"
    ((name, logs),) = of_type(standard, "AWS::Logs::LogGroup").items()
    assert logs["RetentionInDays"] == 365
    assert "KmsKeyId" in logs
    assert standard["Resources"][name]["DeletionPolicy"] == "Retain"


def test_load_balancers_of_this_account_alone_deliver_their_logs(standard: Template) -> None:
    (policy,) = of_type(standard, "AWS::S3::BucketPolicy").values()
    (allowed,) = (s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    *_, path, account, end = allowed["Resource"]["Fn::Join"][1]
    assert (path, account, end) == ("/*/AWSLogs/", {"Ref": "AWS::AccountId"}, "/*")
    # Deliveries are not known to carry a source, and a key that is missing refuses all of them.
    assert "Condition" not in allowed


def test_without_a_nat_everything_that_members_start_with_has_an_endpoint() -> None:
    with pytest.raises(PropsError, match=r"interface_endpoints must .*got \['cloudformation', 'e"):
        network(region(), nat=Nat.NONE)
    found = network(region(), nat=Nat.NONE, interface_endpoints=MEMBER_ENDPOINTS)
    (signals,) = (
        endpoint["PolicyDocument"]["Statement"]
        for endpoint in of_type(found, "AWS::EC2::VPCEndpoint").values()
        if "cloudformation" in endpoint["ServiceName"]
    )
    # cfn-signal shows the instance's identity document and is nobody's principal.
    by_instances = signals[-1]
    assert by_instances["Action"] == "cloudformation:SignalResource"
    assert ":stack/acme-*" in json.dumps(by_instances["Resource"])
    assert "Condition" not in by_instances


def test_a_deletable_network_leaves_nothing_behind() -> None:
    found = network(region(), deletable=True)
    policies = {resource.get("DeletionPolicy") for resource in found["Resources"].values()}
    assert "Retain" not in policies


def test_subnets_are_published_one_by_one(standard: Template) -> None:
    assert {f"{tier}Subnet{zone}" for tier in ("Public", "Private", "Ring") for zone in "ABC"} | {
        "VpcId",
        "VpcCidr",
        "EndpointSecurityGroupId",
        "AccessLogBucket",
        "LogsKeyArn",
    } == standard["Outputs"].keys()


def test_another_zone_only_adds(standard: Template, with_another_zone: Template) -> None:
    assert only_adds(standard, with_another_zone)
    assert len(with_another_zone["Resources"]) > len(standard["Resources"])


def test_another_region_changes_nothing_that_stands(standard: Template) -> None:
    both = Estate("acme", cidr="10.0.0.0/8", zones={"eu-west-1": "abc", "us-east-1": "abc"})
    assert network(both.region("us-east-1")) == standard


def test_a_template_names_no_other_region(standard: Template) -> None:
    assert "us-west-2" not in json.dumps(standard)


def test_all_faults_of_a_network_come_together() -> None:
    team = Region(estate="acme", name="us-east-1", zones="abc")
    with pytest.raises(PropsError) as refused:
        network(
            team,
            interface_endpoints=("ssm", "ssm", "telepathy"),
            flow_log_retention_days=100,
        )
    for part in ("region.cidr must be set", "telepathy", "must differ", "got 100"):
        assert part in str(refused.value)


def test_outputs_are_named_by_tier_and_zone() -> None:
    assert subnet_output(Tier.RING, "a") == "RingSubnetA"


@pytest.mark.parametrize("nat", list(Nat))
@pytest.mark.parametrize("deletable", [False, True])
def test_no_finding_is_unexplained(tmp_path: Path, nat: Nat, deletable: bool) -> None:
    def fill(app: App) -> None:
        where = region("abcdef" if deletable else "abc")
        stack = EstateStack(app, where, Kind.NETWORK, owner="platform", description="under test")
        fewest = MEMBER_ENDPOINTS if nat is Nat.NONE else ()
        endpoints = sorted(ENDPOINT_SERVICES) if deletable else fewest
        Network(
            stack,
            "Network",
            region=where,
            nat=nat,
            interface_endpoints=endpoints,
            deletable=deletable,
        )

    assert unexplained_findings(tmp_path, fill) == []
