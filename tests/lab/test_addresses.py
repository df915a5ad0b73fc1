"""Instances' addresses, on which processes of this machine can listen."""

import json
import socket
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from paved_road_lab.cloud import LabCloud
from tests.lab.small_stacks import network

pytestmark = pytest.mark.slow


def stand(cloud: LabCloud, name: str, cidr: str) -> str:
    """A stack with a group of four in two subnets; returns the group's name."""
    cloudformation = cloud.client("cloudformation", "us-east-1")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(network(cidr)))
    found = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
    return next(str(one["OutputValue"]) for one in found if one["OutputKey"] == "Group")


def instances(cloud: LabCloud, group: str) -> list[dict[str, Any]]:
    found = cloud.client("ec2", "us-east-1").describe_instances(
        Filters=[
            {"Name": "tag:aws:autoscaling:groupName", "Values": [group]},
            {"Name": "instance-state-name", "Values": ["running"]},
        ]
    )
    return [one for reservation in found["Reservations"] for one in reservation["Instances"]]


def addresses(cloud: LabCloud, group: str) -> set[str]:
    return {one["PrivateIpAddress"] for one in instances(cloud, group)}


def test_an_address_is_the_subnets_on_loopback_and_can_be_listened_on(cloud: LabCloud) -> None:
    ec2 = cloud.client("ec2", "us-east-1")
    for instance in instances(cloud, stand(cloud, "listen", "10.20")):
        address = instance["PrivateIpAddress"]
        (subnet,) = ec2.describe_subnets(SubnetIds=[instance["SubnetId"]])["Subnets"]
        own = ip_network(subnet["CidrBlock"].replace("10.", "127.", 1))
        assert ip_address(address) in own
        interface = instance["NetworkInterfaces"][0]
        assert interface["PrivateIpAddress"] == address
        (found,) = ec2.describe_network_interfaces(
            NetworkInterfaceIds=[interface["NetworkInterfaceId"]]
        )["NetworkInterfaces"]
        assert found["PrivateIpAddress"] == address
        assert instance["PrivateDnsName"] == f"ip-{address.replace('.', '-')}.ec2.internal"
        (again,) = ec2.describe_instances(
            Filters=[{"Name": "private-ip-address", "Values": [address]}]
        )["Reservations"]
        assert again["Instances"][0]["InstanceId"] == instance["InstanceId"]
        with socket.socket() as listener:
            listener.bind((address, 0))
            listener.listen()


def test_addresses_belong_to_one_living_instance_over_all_networks(cloud: LabCloud) -> None:
    first, second = stand(cloud, "same-one", "10.21"), stand(cloud, "same-two", "10.21")
    assert len(addresses(cloud, first) | addresses(cloud, second)) == 8


def test_an_address_stays_while_others_come_and_go(cloud: LabCloud) -> None:
    group = stand(cloud, "stay", "10.22")
    before = {one["InstanceId"]: one["PrivateIpAddress"] for one in instances(cloud, group)}
    killed = min(before)
    cloud.client("ec2", "us-east-1").terminate_instances(InstanceIds=[killed])
    after = {one["InstanceId"]: one["PrivateIpAddress"] for one in instances(cloud, group)}
    (new,) = set(after) - set(before)
    assert {one: after[one] for one in after if one != new} == {
        one: before[one] for one in before if one != killed
    }
    assert len(set(after.values())) == 4
