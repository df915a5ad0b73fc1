"""Hosts boot as instances do: user data, bucket, checksum, and then nothing but the bundle."""

import json
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from paved_road_bundle.build import build
from paved_road_bundle.bundle import Bundle
from paved_road_bundle.wheels import unfit
from paved_road_lab.cloud import LabCloud
from paved_road_lab.hosts.lifecycle import hosts_up
from paved_road_lab.hosts.record import (
    BOOT_LOG,
    PROGRAMS_FILE,
    directory,
    recorded_hosts,
    root,
)
from paved_road_lab.hosts.software import SKIPPED, SOFTWARE_FOLDER
from paved_road_lab.hosts.status import host_statuses
from tests.lab.published import BUCKET, published, user_data, want
from tests.lab.rack_of_hosts import REGION, lab_of, launch
from tests.lab.software import CACHE
from tests.waiting import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return build(CACHE)


def boot_logs(folder: Path) -> list[str]:
    files = [directory(folder, one.instance_id) / BOOT_LOG for one in recorded_hosts(folder)]
    return [file.read_text() for file in files if file.exists()]


def agents(folder: Path) -> list[psutil.Process]:
    """Of all hosts that run both programs."""
    found = []
    for host in recorded_hosts(folder):
        file = root(folder, host.instance_id) / PROGRAMS_FILE
        told = json.loads(file.read_text()) if file.exists() else {}
        if told and {one["state"] for one in told.values()} == {"running"}:
            found.append(psutil.Process(told["agent"]["pid"]))
    return found


def test_hosts_run_the_bundle_that_their_user_data_names_unpacked_once(
    folder: Path, bundle: Bundle
) -> None:
    lab = lab_of(folder)
    node = published(lab, bundle)
    hosts_up(folder, [REGION])
    launch(lab, user_data(node))
    software = (folder / SOFTWARE_FOLDER / bundle.sha256).resolve()
    running = until(lambda: found if len(found := agents(folder)) == 2 else None, seconds=120)
    for agent in running:
        told = agent.environ()
        assert told["PAVED_ROAD_BUNDLE"] == str(software)
        paths = told["PYTHONPATH"].split(":")
        assert paths[0] == str(software / "agent")
        assert all(path.startswith(str(software)) for path in paths)
        # An interpreter without site-packages finds the agent nowhere else.
        assert ("-S" in agent.cmdline()) is (unfit() is None)
        assert agent.environ()["PAVED_ROAD_JAVA"]
    logs = "".join(boot_logs(folder))
    assert logs.count(f"installed s3://{BUCKET}/{bundle.key}") == 1
    for what in SKIPPED:
        assert logs.count(f"not done in the lab: {what}") == 2
    hosts = recorded_hosts(folder)
    decided = [root(folder, one.instance_id) / "var/log/paved-road/agent.log" for one in hosts]
    until(lambda: all("paved-road.agent" in file.read_text() for file in decided))
    assert {one.state for one in host_statuses(folder)} == {"running"}


@pytest.mark.parametrize("fault", ["another object", "nothing"])
def test_a_bundle_that_is_not_the_pinned_one_never_starts(
    folder: Path, bundle: Bundle, fault: str
) -> None:
    lab = lab_of(folder)
    node = published(lab, bundle)
    s3 = LabCloud(lab).client("s3", REGION)
    if fault == "nothing":
        s3.delete_object(Bucket=BUCKET, Key=bundle.key)
        told = f"s3://{BUCKET}/{bundle.key} can't be fetched"
    else:
        # The right archive under its right name, but another one is wanted.
        want(lab, replace(bundle.wanted, sha256=64 * "0"))
        told = f"is another bundle: expected a manifest with sha256 {64 * '0'}"
    hosts_up(folder, [REGION])
    launch(lab, user_data(node), nodes=1)
    until(lambda: [one.state for one in host_statuses(folder)] == ["failed"], seconds=120)
    (log,) = boot_logs(folder)
    assert "this node does not start: " in log
    assert told in log
    (host,) = recorded_hosts(folder)
    assert not (root(folder, host.instance_id) / PROGRAMS_FILE).exists()
    left = [one.name for one in (folder / SOFTWARE_FOLDER).iterdir() if one.is_dir()]
    assert left == []
