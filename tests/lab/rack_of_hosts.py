"""A rack's group in a lab, and how tests look at the hosts of its instances."""

import contextlib
import http.client
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psutil

from paved_road_contract.tags import RING
from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts.imds import IMDS_PORT, TOKEN_HEADER, TOKEN_PATH, TTL_HEADER
from paved_road_lab.hosts.record import HOSTS_FOLDER, Host, recorded_hosts, root
from paved_road_lab.lifecycle import require
from paved_road_lab.state import Lab
from paved_road_ring_agent.contract import RACK_TAG, bundle_parameter
from paved_road_ring_agent.layout import ROOT_VARIABLE
from tests.lab.networks import reserved_network
from tests.nodes import NODE

REGION = "us-east-1"


NEST = """
import json, os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) > 1:
    subprocess.Popen([sys.executable, "-c", sys.argv[1]], start_new_session=True)
    with open("var/lib/paved-road/environment.json", "w") as told:
        json.dump(dict(os.environ), told)
else:
    with open("var/lib/paved-road/grandchild", "w") as told:
        told.write(str(os.getpid()))
time.sleep(600)
"""
"""A program that does not heed SIGTERM, and a child of it in a session of its own."""


def template(user_data: str, nodes: int = 2, wanted: str = "", network: str = "") -> str:
    """A group as a rack has it, in a network that no other lab on this machine has.

    With `wanted` the ring's parameter stands in the stack as well.
    """
    network = network or a_network()
    trust = {
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ec2.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ]
    }
    tags = {RING: "orders", RACK_TAG: "us-east-1a"}
    specification = {
        "LaunchTemplateId": {"Ref": "Template"},
        "Version": {"Fn::GetAtt": ["Template", "LatestVersionNumber"]},
    }
    resources = {
        "Vpc": ("EC2::VPC", {"CidrBlock": f"{network}.0.0/16"}),
        "Subnet": (
            "EC2::Subnet",
            {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": f"{network}.7.0/24",
                "AvailabilityZone": "us-east-1a",
            },
        ),
        "Role": ("IAM::Role", {"RoleName": "ring-node", "AssumeRolePolicyDocument": trust}),
        "Profile": ("IAM::InstanceProfile", {"Roles": [{"Ref": "Role"}]}),
        "Template": (
            "EC2::LaunchTemplate",
            {
                "LaunchTemplateData": {
                    "ImageId": "ami-12345678",
                    "InstanceType": "i8g.2xlarge",
                    "IamInstanceProfile": {"Arn": {"Fn::GetAtt": ["Profile", "Arn"]}},
                    "UserData": {"Fn::Base64": user_data},
                    "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30}}],
                }
            },
        ),
        "Group": (
            "AutoScaling::AutoScalingGroup",
            {
                "MinSize": "0",
                "MaxSize": "9",
                "DesiredCapacity": str(nodes),
                "VPCZoneIdentifier": [{"Ref": "Subnet"}],
                "MixedInstancesPolicy": {
                    "LaunchTemplate": {
                        "LaunchTemplateSpecification": specification,
                        "Overrides": [{"InstanceType": "i8g.2xlarge", "ImageId": "ami-12345678"}],
                    }
                },
                "Tags": [
                    {"Key": key, "Value": value, "PropagateAtLaunch": True}
                    for key, value in tags.items()
                ],
            },
        ),
    }
    if wanted:
        name = bundle_parameter(NODE.estate, NODE.ring)
        told = {"Name": name, "Type": "String", "Value": wanted}
        resources["Wanted"] = ("SSM::Parameter", told)
    return json.dumps(
        {
            "Resources": {
                name: {"Type": f"AWS::{kind}", "Properties": properties}
                for name, (kind, properties) in resources.items()
            }
        }
    )


_HELD = ExitStack()


def a_network() -> str:
    """Two numbers of an address that no other lab on this machine has while this process lives."""
    return f"10.{_HELD.enter_context(reserved_network(range(100, 255)))}"


def launch(lab: Lab, user_data: str = "", nodes: int = 2) -> None:
    LabCloud(lab).client("cloudformation", REGION).create_stack(
        StackName="rack", TemplateBody=template(user_data or NODE.user_data(), nodes)
    )


def lab_of(folder: Path) -> Lab:
    return require(folder)


def booted(folder: Path, count: int = 2) -> Callable[[], list[Host]]:
    """The hosts once `count` of them run their program with all its children."""

    def found() -> list[Host]:
        hosts = [
            host
            for host in recorded_hosts(folder)
            if host.process()
            and (root(folder, host.instance_id) / "var/lib/paved-road/environment.json").exists()
            and (root(folder, host.instance_id) / "var/lib/paved-road/grandchild").exists()
        ]
        return hosts if len(hosts) == count else []

    return found


def ask(host: Host, path: str, *, method: str = "GET", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(host.address, IMDS_PORT, timeout=10)
    with contextlib.closing(connection):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def token(host: Host, seconds: str = "60") -> dict[str, str]:
    status, text = ask(host, TOKEN_PATH, method="PUT", **{TTL_HEADER: seconds})
    assert status == 200
    return {TOKEN_HEADER: text}


def processes_of(folder: Path) -> list[psutil.Process]:
    """Whatever says of itself that it belongs to a host of this folder."""
    inside = str((folder / HOSTS_FOLDER).resolve())
    return [
        one
        for one in psutil.process_iter(["environ"])
        if (one.info["environ"] or {}).get(ROOT_VARIABLE, "").startswith(inside)
        and one.status() != psutil.STATUS_ZOMBIE
    ]
