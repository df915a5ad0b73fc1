"""Instances of a ring's group are process trees of this machine, from launch to termination."""

import json
import os
import socket
from pathlib import Path

import psutil
import pytest

from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts.imds import IMDS_PORT
from paved_road_lab.hosts.lifecycle import hosts_down, hosts_up, recorded_daemon
from paved_road_lab.hosts.record import (
    BOOT_LOG,
    HOSTS_FOLDER,
    PROGRAMS_FILE,
    directory,
    recorded_hosts,
    root,
)
from paved_road_lab.hosts.restarts import STARTS
from paved_road_lab.hosts.status import host_statuses
from paved_road_lab.lifecycle import down
from paved_road_lab.processes import living
from paved_road_ring_agent.contract import NODE_FILE, NodeFile
from paved_road_ring_agent.layout import ROOT_VARIABLE
from tests.lab.rack_of_hosts import REGION, ask, booted, lab_of, launch, processes_of
from tests.nodes import NODE
from tests.waiting import until

pytestmark = pytest.mark.slow


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
