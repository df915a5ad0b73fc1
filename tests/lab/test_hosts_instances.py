"""Instances of a ring's group are process trees of this machine, from launch to termination."""

import contextlib
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from paved_road_cli.main import app
from paved_road_contract.tags import RING
from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts.imds import IMDS_PORT, TOKEN_HEADER, TOKEN_PATH, TTL_HEADER
from paved_road_lab.hosts.lifecycle import HostsDaemon, hosts_down, hosts_up, recorded_daemon
from paved_road_lab.hosts.record import (
    BOOT_LOG,
    HOSTS_FOLDER,
    PROGRAMS_FILE,
    ROOT_VARIABLE,
    Host,
    directory,
    recorded_hosts,
    root,
)
from paved_road_lab.hosts.restarts import STARTS
from paved_road_lab.hosts.status import host_statuses
from paved_road_lab.lifecycle import down, up
from paved_road_lab.processes import living
from paved_road_lab.state import Lab, LabError
from paved_road_ring_agent.contract import NODE_FILE, RACK_TAG, NodeFile
from tests.lab.conftest import free_port

pytestmark = pytest.mark.slow

REGION = "us-east-1"

NODE = NodeFile(
    estate="acme",
    ring="orders",
    region=REGION,
    data_center="us-east-1-g1",
    rack="us-east-1a",
    slot_table="slots",
    log_group="logs",
    backup_bucket=None,
)

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


def until(true: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


def template(user_data: str, nodes: int = 2) -> str:
    """A group as a rack has it, in a network that no other lab on this machine has."""
    network = f"10.{random.SystemRandom().randrange(100, 255)}"
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
                        "Overrides": [{"InstanceType": "i8g.2xlarge"}],
                    }
                },
                "Tags": [
                    {"Key": key, "Value": value, "PropagateAtLaunch": True}
                    for key, value in tags.items()
                ],
            },
        ),
    }
    return json.dumps(
        {
            "Resources": {
                name: {"Type": f"AWS::{kind}", "Properties": properties}
                for name, (kind, properties) in resources.items()
            }
        }
    )


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("programs") / "programs.json"
    file.write_text(json.dumps([{"name": "nest", "argv": [sys.executable, "-c", NEST, NEST]}]))
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Of a lab that runs, and is ended with all its hosts."""
    try:
        up(tmp_path, port=free_port())
        yield tmp_path
    finally:
        down(tmp_path)


def launch(lab: Lab, user_data: str = "", nodes: int = 2) -> None:
    LabCloud(lab).client("cloudformation", REGION).create_stack(
        StackName="rack", TemplateBody=template(user_data or NODE.user_data(), nodes)
    )


def lab_of(folder: Path) -> Lab:
    return up(folder)


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


def test_a_host_lives_as_long_as_its_instance(folder: Path, programs: Path) -> None:
    lab = lab_of(folder)
    hosts_up(folder, [REGION], programs=programs)
    launch(lab)
    hosts = until(booted(folder))
    one, other = hosts
    assert one.address != other.address
    assert {host.address.split(".")[0] for host in hosts} == {"127"}
    for host in hosts:
        disk = root(folder, host.instance_id)
        assert NodeFile.from_json((disk / NODE_FILE.lstrip("/")).read_text()) == NODE
        told = json.loads((disk / "var/lib/paved-road/environment.json").read_text())
        assert told.pop("LC_CTYPE", "C.UTF-8") == "C.UTF-8"
        assert told == {
            "PATH": os.environ["PATH"],
            "HOME": str(disk),
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://{host.address}:{IMDS_PORT}/",
            "AWS_ENDPOINT_URL": lab.endpoint,
            "AWS_REGION": REGION,
            ROOT_VARIABLE: str(disk),
        }
    assert [one.state for one in host_statuses(folder)] == ["running", "running"]
    assert {one.rack for one in host_statuses(folder)} == {"us-east-1a"}

    tree = processes_of(folder)
    assert len(tree) == 6
    gone = root(folder, one.instance_id)
    grandchild = psutil.Process(int((gone / "var/lib/paved-road/grandchild").read_text()))
    born = grandchild.create_time()
    LabCloud(lab).client("ec2", REGION).terminate_instances(InstanceIds=[one.instance_id])
    until(lambda: not directory(folder, one.instance_id).exists())
    assert not living(grandchild.pid, born)
    with pytest.raises(OSError, match="refused"):
        ask(one, "/latest/meta-data/")
    replaced = until(booted(folder))
    assert other in replaced
    assert one.instance_id not in {host.instance_id for host in replaced}

    assert down(folder)
    assert processes_of(folder) == []
    assert not (folder / HOSTS_FOLDER).exists()
    assert recorded_daemon(folder) is None


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


def test_a_new_daemon_adopts_the_hosts_of_the_last(folder: Path, programs: Path) -> None:
    lab = lab_of(folder)
    launch(lab)
    first = hosts_up(folder, [REGION], programs=programs)
    assert hosts_up(folder, [REGION], programs=programs) == first
    hosts = until(booted(folder))
    before = {process.pid for process in processes_of(folder)}
    daemon = first.process()
    assert daemon is not None
    daemon.kill()
    daemon.wait(timeout=10)
    assert {process.pid for process in processes_of(folder)} == before
    second = hosts_up(folder, [REGION], programs=programs)
    assert second.pid != first.pid
    assert recorded_hosts(folder) == hosts
    assert {process.pid for process in processes_of(folder)} == before
    assert ask(hosts[0], "/latest/meta-data/instance-id", **token(hosts[0]))[0] == 200

    killed = hosts[0].process()
    assert killed is not None
    marker = root(folder, hosts[0].instance_id) / "var/lib/paved-road/marker"
    marker.touch()
    killed.kill()
    again = until(lambda: _restarted(folder, hosts[0]))
    assert len(again.starts) == 2
    assert marker.exists()
    until(lambda: len(processes_of(folder)) == 6)
    assert not before & {
        process.pid
        for process in processes_of(folder)
        if process.environ()[ROOT_VARIABLE].endswith(f"{hosts[0].instance_id}/root")
    }


def _restarted(folder: Path, host: Host) -> Host | None:
    for now in recorded_hosts(folder):
        if now.instance_id == host.instance_id and now.pid != host.pid and now.process():
            return now
    return None


def test_a_host_that_can_not_boot_is_left_failed_until_hosts_are_started_anew(
    folder: Path, programs: Path
) -> None:
    lab = lab_of(folder)
    launch(lab, user_data="#!/bin/sh\n", nodes=1)
    hosts_up(folder, [REGION], programs=programs)
    until(lambda: [one.state for one in host_statuses(folder)] == ["failed"], seconds=60)
    (status,) = host_statuses(folder)
    assert f"failed {STARTS} times" in status.note
    (host,) = recorded_hosts(folder)
    log = (directory(folder, host.instance_id) / BOOT_LOG).read_text()
    assert (
        log.count("ValueError: user data is not the cloud-config document of a ring node") == STARTS
    )
    assert f"{host.instance_id} {status.note}" in (folder / "hosts.log").read_text()
    assert hosts_down(folder)
    assert not hosts_down(folder)
    (host,) = recorded_hosts(folder)
    assert (host.starts, host.failed) == ((), False)
    assert [one.state for one in host_statuses(folder)] == ["dead"]
    hosts_up(folder, [REGION], programs=programs)
    until(lambda: recorded_hosts(folder)[0].starts)


def test_an_address_that_is_taken_is_said(folder: Path, programs: Path) -> None:
    lab = lab_of(folder)
    launch(lab, nodes=1)
    told = LabCloud(lab).client("ec2", REGION).describe_instances()
    address = told["Reservations"][0]["Instances"][0]["PrivateIpAddress"]
    with socket.socket() as taken:
        taken.bind((f"127.{address.split('.', 1)[1]}", IMDS_PORT))
        taken.listen()
        hosts_up(folder, [REGION], programs=programs)
        (status,) = host_statuses(folder)
        assert (status.state, recorded_hosts(folder)[0].starts) == ("starting", ())
        assert f"can't listen at {status.address}:{IMDS_PORT}" in status.note
    until(booted(folder, 1))
    (status,) = host_statuses(folder)
    assert (status.state, status.note) == ("running", "")


def test_hosts_end_with_an_emulator_that_dies(folder: Path, programs: Path) -> None:
    lab = lab_of(folder)
    launch(lab)
    daemon = hosts_up(folder, [REGION], programs=programs).process()
    until(booted(folder))
    emulator = living(lab.pid, lab.started)
    assert emulator is not None
    assert daemon is not None
    emulator.suspend()
    until(lambda: emulator.status() == psutil.STATUS_STOPPED)
    assert len(processes_of(folder)) == 6
    emulator.kill()
    emulator.wait(timeout=10)
    daemon.wait(timeout=60)
    assert processes_of(folder) == []


def test_hosts_need_a_lab(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="run `paved-road lab up`"):
        hosts_up(tmp_path, [REGION])
    assert not hosts_down(tmp_path)


def test_a_second_daemon_is_refused(folder: Path, programs: Path) -> None:
    daemon = hosts_up(folder, [REGION], programs=programs)
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "paved_road_lab.hosts",
            "--folder",
            str(folder),
            "--regions",
            REGION,
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert f"process {daemon.pid} looks after the hosts" in done.stderr
    more = hosts_up(folder, ["us-west-2"], programs=programs)
    assert more.regions == ("us-east-1", "us-west-2")
    assert more.pid != daemon.pid
    replace(more, pid=os.getpid()).save()
    assert hosts_up(folder, [REGION], programs=programs).pid not in {os.getpid(), more.pid}
    _end(more)


def _end(daemon: HostsDaemon) -> None:
    process = daemon.process()
    if process:
        process.kill()
        process.wait(timeout=10)


def test_a_program_that_fails_is_in_the_status(folder: Path, tmp_path: Path) -> None:
    lab = lab_of(folder)
    launch(lab, nodes=1)
    file = tmp_path / "failing.json"
    file.write_text(json.dumps([{"name": "agent", "argv": ["false"], "restart": "no"}]))
    hosts_up(folder, [REGION], programs=file)
    until(lambda: [one.note for one in host_statuses(folder)] == ["failed programs: agent"])
    (host,) = recorded_hosts(folder)
    told = json.loads((root(folder, host.instance_id) / PROGRAMS_FILE).read_text())
    assert told["agent"]["starts"] == 1


def test_the_command_line_starts_and_lists_hosts(tmp_path: Path, programs: Path) -> None:
    where = ["--folder", str(tmp_path)]
    runner = CliRunner()
    try:
        started = runner.invoke(
            app, ["lab", "up", *where, "--port", str(free_port()), "--hosts", REGION]
        )
        assert started.exit_code == 0, started.output
        told = json.loads(runner.invoke(app, ["lab", "status", "--json", *where]).stdout)
        assert "hosts" not in told
        hosts_up(tmp_path, [REGION], programs=programs)
        launch(lab_of(tmp_path), nodes=1)
        (host,) = until(booted(tmp_path, 1))
        told = json.loads(runner.invoke(app, ["lab", "status", "--json", *where]).stdout)
        assert told["hosts"] == [
            {
                "instance": host.instance_id,
                "region": REGION,
                "rack": "us-east-1a",
                "address": host.address,
                "state": "running",
                "note": "",
            }
        ]
        shown = runner.invoke(app, ["lab", "status", *where]).stdout
        assert host.address in shown
        assert "the lab has ended" in runner.invoke(app, ["lab", "down", *where]).stdout
        assert processes_of(tmp_path) == []
    finally:
        down(tmp_path)
