"""The rest of the boot: kernel settings, units, and scripts that a linter finds nothing in."""

import configparser
import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from paved_road_bundle.contents import Contents
from paved_road_bundle.errors import RefusedError
from paved_road_bundle.first_boot import first_boot
from paved_road_lab.hosts.programs import programs
from paved_road_ring_agent.contract import NODE_FILE, NodeFile
from tests import nodes
from tests.unit.fake_machine import BOOT, Machine

SCRIPTS = sorted(BOOT.glob("*.sh"))
UNITS = sorted(BOOT.glob("*.service"))
LARGEST_USER_DATA = 16 * 1024
"""https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html"""

NODE = replace(
    nodes.NODE,
    backup_bucket="backups",
    disks=2,
    artifact_bucket="artifacts",
)


def unit(file: Path) -> dict[str, dict[str, list[str]]]:
    """Sections, keys, and all values of each key in order."""
    found: dict[str, dict[str, list[str]]] = {}
    for line in file.read_text().splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return found


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda file: file.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    assert shutil.which("shellcheck"), "install shellcheck: on x86_64 and macOS pip brought it"
    done = subprocess.run(
        ["shellcheck", "--severity=style", script], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""


def test_user_data_is_small_and_begins_with_the_bundle_that_the_ring_wants() -> None:
    told = first_boot(NODE)
    assert len(told.encode()) < LARGEST_USER_DATA / 4
    assert NodeFile.from_user_data(told) == NODE
    document = json.loads(told.partition("\n")[2])
    paths = [file["path"] for file in document["write_files"]]
    assert paths == [NODE_FILE, "/etc/paved-road/first-boot.sh"]
    (command,) = document["runcmd"]
    assert command == [paths[1], "us-east-1", "artifacts", "/acme/rings/orders/bundle"]


def test_user_data_holds_nothing_that_is_secret() -> None:
    told = first_boot(NODE).lower()
    for word in ("password", "secret", "token", "private key", "aws_access_key"):
        assert word not in told


def test_a_node_without_bundles_has_no_user_data_on_ec2() -> None:
    with pytest.raises(RefusedError, match="must be told where its bundles stand"):
        first_boot(replace(NODE, artifact_bucket=None))


def test_the_bundle_brings_the_whole_boot() -> None:
    packed = {name.removeprefix("boot/") for name in Contents.of_this_version().parts}
    assert {file.name for file in BOOT.iterdir()} <= packed


def test_the_kernel_is_set_as_cassandra_asks(tmp_path: Path) -> None:
    machine = Machine.with_disks(tmp_path, 1)
    huge = machine.root / "sys/kernel/mm/transparent_hugepage"
    clock = machine.root / "sys/devices/system/clocksource/clocksource0"
    queue = machine.root / "sys/block/nvme1n1/queue"
    for folder in (huge, clock, queue):
        folder.mkdir(parents=True)
    for file, before in (
        (huge / "enabled", "always"),
        (huge / "defrag", "always"),
        (clock / "available_clocksource", "kvm-clock tsc acpi_pm"),
        (clock / "current_clocksource", "kvm-clock"),
        (queue / "scheduler", "mq-deadline"),
    ):
        file.write_text(before)
    done = machine.run(BOOT / "kernel.sh")
    assert done.returncode == 0, done.stderr
    assert (huge / "enabled").read_text() == "madvise\n"
    assert (huge / "defrag").read_text() == "never\n"
    assert (clock / "current_clocksource").read_text() == "tsc\n"
    assert (queue / "scheduler").read_text() == "none\n"
    assert machine.called("swapoff") == [["--all"]]
    assert machine.called("sysctl") == [["--quiet", f"--load={BOOT / 'sysctl.conf'}"]]


def test_a_graviton_keeps_its_only_clock(tmp_path: Path) -> None:
    machine = Machine.with_disks(tmp_path, 1)
    clock = machine.root / "sys/devices/system/clocksource/clocksource0"
    clock.mkdir(parents=True)
    for name in ("available_clocksource", "current_clocksource"):
        (clock / name).write_text("arch_sys_counter\n")
    assert machine.run(BOOT / "kernel.sh").returncode == 0
    assert (clock / "current_clocksource").read_text() == "arch_sys_counter\n"


def test_settings_are_those_that_cassandra_checks_at_its_start() -> None:
    parser = configparser.ConfigParser()
    parser.read_string(f"[kernel]\n{(BOOT / 'sysctl.conf').read_text()}")
    assert parser["kernel"]["vm.max_map_count"] == "1048575"
    assert parser["kernel"]["vm.swappiness"] == "0"


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_no_unit_starts_cassandra(file: Path) -> None:
    text = file.read_text()
    assert "java" not in text.lower().replace("javascript", "")
    assert "cassandra.service" not in text


@pytest.mark.parametrize("name", ["supervisor", "agent"])
def test_programs_run_for_a_user_of_their_own_within_limits_and_never_without_the_disks(
    name: str,
) -> None:
    found = unit(BOOT / f"paved-road-{name}.service")
    before, service = found["Unit"], found["Service"]
    assert before["Requires"] == ["paved-road-machine.service"]
    assert "paved-road-machine.service" in before["After"][0].split()
    assert before["AssertPathIsMountPoint"] == ["/var/lib/paved-road"]
    assert (before["StartLimitIntervalSec"], before["StartLimitBurst"]) == (["600"], ["5"])
    assert service["User"] == ["paved-road"]
    assert service["Restart"] == ["on-failure"]
    assert service["NoNewPrivileges"] == ["yes"]
    assert service["CapabilityBoundingSet"] == [""]
    # As the lab does, too.
    (started,) = (" ".join(one.argv[1:]) for one in programs(None) if one.name == name)
    assert service["ExecStart"] == [f"/usr/bin/python3.11 -S {started}"]


def test_the_supervisors_limits_are_cassandras_which_outlives_it() -> None:
    service = unit(BOOT / "paved-road-supervisor.service")["Service"]
    assert (service["LimitMEMLOCK"], service["LimitNOFILE"]) == (["infinity"], ["1048576"])
    assert (service["KillMode"], service["OOMPolicy"]) == (["process"], ["continue"])


def test_limits_on_restarts_are_the_labs() -> None:
    from paved_road_lab.hosts.restarts import STARTS, WINDOW_SECONDS

    for name in ("supervisor", "agent"):
        limits = unit(BOOT / f"paved-road-{name}.service")["Unit"]
        assert limits["StartLimitBurst"] == [str(STARTS)]
        assert limits["StartLimitIntervalSec"] == [str(WINDOW_SECONDS)]


def test_every_log_of_a_unit_is_shipped() -> None:
    config = json.loads((BOOT / "cloudwatch.json").read_text())
    shipped = {
        one["file_path"] for one in config["logs"]["logs_collected"]["files"]["collect_list"]
    }
    written = {
        value.removeprefix("append:")
        for file in UNITS
        for value in unit(file)["Service"]["StandardOutput"]
    }
    assert written <= shipped
    assert "/var/log/paved-road/cassandra.log" in shipped


def test_systemd_finds_nothing_in_the_units() -> None:
    analyzer = shutil.which("systemd-analyze")
    if analyzer is None:  # another system than nodes run: what is read above has to do
        return
    done = subprocess.run(
        [analyzer, "verify", "--man=no", *UNITS],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "SYSTEMD_UNIT_PATH": f"{BOOT}:"},
        check=False,
    )
    assert "paved-road-" not in done.stderr
