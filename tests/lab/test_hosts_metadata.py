"""A host's metadata service: who may ask, what it says, and whose credentials it gives."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts.imds import TOKEN_PATH, TTL_HEADER
from paved_road_lab.hosts.lifecycle import hosts_up
from paved_road_lab.hosts.record import Host, root
from tests.lab.rack_of_hosts import NODE, REGION, ask, booted, lab_of, launch, token, until

pytestmark = pytest.mark.slow


def test_the_metadata_service_answers_its_own_host_with_a_token_only(
    folder: Path, programs: Path
) -> None:
    lab = lab_of(folder)
    launch(lab)
    hosts_up(folder, [REGION], programs=programs)
    one, other = until(booted(folder))
    identity = "/latest/meta-data/instance-id"
    assert ask(one, identity)[0] == 401
    assert ask(one, identity, **token(other))[0] == 401
    for seconds in ("0", "21601", "-1", "x", ""):
        assert ask(one, TOKEN_PATH, method="PUT", **{TTL_HEADER: seconds})[0] == 400
    assert ask(one, TOKEN_PATH, method="PUT")[0] == 400
    forwarded = {TTL_HEADER: "60", "X-Forwarded-For": "192.0.2.1"}
    assert ask(one, TOKEN_PATH, method="PUT", **forwarded)[0] == 403
    brief = token(one, "1")
    assert ask(one, identity, **brief) == (200, one.instance_id)
    until(lambda: ask(one, identity, **brief)[0] == 401, seconds=5)

    def told(host: Host, path: str) -> str:
        status, text = ask(host, f"/latest/{path}", **token(host))
        assert status == 200
        return text

    for host in (one, other):
        assert told(host, "meta-data/instance-id") == host.instance_id
        assert told(host, "meta-data/local-ipv4") == host.address
        assert told(host, "meta-data/placement/availability-zone") == "us-east-1a"
        assert told(host, "meta-data/placement/region") == REGION
        assert told(host, "meta-data/placement/") == "availability-zone\nregion"
        assert told(host, "meta-data/instance-type") == "i8g.2xlarge"
        assert told(host, "meta-data/iam/security-credentials/") == "ring-node"
        assert told(host, "user-data") == NODE.user_data()
        document = json.loads(told(host, "dynamic/instance-identity/document"))
        assert document["instanceId"] == host.instance_id
        assert document["accountId"] == lab.account
    assert ask(one, "/latest/meta-data/nothing", **token(one))[0] == 404
    assert ask(one, "/latest/meta-data/inst", **token(one))[0] == 404
    keys = json.loads(told(one, "meta-data/iam/security-credentials/ring-node"))
    assert (keys["Code"], keys["Type"]) == ("Success", "AWS-HMAC")
    again = json.loads(told(one, "meta-data/iam/security-credentials/ring-node"))
    assert again == keys


def test_a_role_that_comes_after_the_instance_is_its_own_from_then_on(
    folder: Path, programs: Path
) -> None:
    """Groups launch an instance first and give it its profile then, and hosts are quick."""
    lab = lab_of(folder)
    launch(lab)
    ec2 = LabCloud(lab).client("ec2", REGION)
    given = ec2.describe_iam_instance_profile_associations()["IamInstanceProfileAssociations"]
    for one in given:
        ec2.disassociate_iam_instance_profile(AssociationId=one["AssociationId"])
    hosts_up(folder, [REGION], programs=programs)
    host, _ = until(booted(folder))
    path = "/latest/meta-data/iam/security-credentials/"
    held = token(host)
    assert ask(host, path, **held)[0] == 404
    (profile,) = {one["IamInstanceProfile"]["Arn"] for one in given}
    ec2.associate_iam_instance_profile(
        IamInstanceProfile={"Arn": profile}, InstanceId=host.instance_id
    )
    until(lambda: ask(host, path, **held) == (200, "ring-node"))


def test_a_program_with_botocore_alone_is_its_instances_role(folder: Path, programs: Path) -> None:
    lab = lab_of(folder)
    launch(lab)
    hosts_up(folder, [REGION], programs=programs)
    for host in until(booted(folder)):
        disk = root(folder, host.instance_id)
        environment = json.loads((disk / "var/lib/paved-road/environment.json").read_text())
        script = """
import boto3, json
session = boto3.Session(region_name="us-east-1")
print(session.get_credentials().method)
print(session.client("sts").get_caller_identity()["Arn"])
"""
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout.split() == [
            "iam-role",
            f"arn:aws:sts::{lab.account}:assumed-role/ring-node/{host.instance_id}",
        ], done.stderr
