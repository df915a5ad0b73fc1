"""The hosts' daemon: one per lab, replaced without a host noticing, ended with all of them."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from paved_road_cli.main import app
from paved_road_lab.hosts.lifecycle import HostsDaemon, hosts_down, hosts_up
from paved_road_lab.hosts.record import Host, recorded_hosts, root
from paved_road_lab.lifecycle import down
from paved_road_lab.processes import living
from paved_road_lab.state import LabError
from paved_road_ring_agent.jvm import free_port
from paved_road_ring_agent.layout import ROOT_VARIABLE
from tests.lab.rack_of_hosts import REGION, ask, booted, lab_of, launch, processes_of, token
from tests.waiting import until

pytestmark = pytest.mark.slow


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
    volatile = root(folder, hosts[0].instance_id) / "run/paved-road/permit.json"
    volatile.touch()
    killed.kill()
    again = until(lambda: _restarted(folder, hosts[0]))
    assert len(again.starts) == 2
    assert marker.exists()
    assert not volatile.exists()
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
    _end(more)  # it would write itself down again
    replace(more, pid=os.getpid()).save()
    assert hosts_up(folder, [REGION], programs=programs).pid not in {os.getpid(), more.pid}


def _end(daemon: HostsDaemon) -> None:
    process = daemon.process()
    if process:
        process.kill()
        process.wait(timeout=10)


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
