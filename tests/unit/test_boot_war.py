"""A member that runs a web application: nothing starts that is not what the release names."""

import hashlib
import json
import subprocess
import tarfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from paved_road.estate import Region
from paved_road.service import Tomcat, War
from paved_road.service.artifact import STOP_SECONDS
from paved_road.service.release import DRAIN_SECONDS
from paved_road.service.war import SCRIPT

COMMANDS = ("chown", "dnf", "systemctl", "useradd")
AWS = """#!/bin/bash
for last; do :; done
for one; do case $one in s3://bucket/*) from=$one;; esac; done
exec cp "$BUCKET/${from#s3://bucket/}" "$last"
"""


@dataclass(frozen=True)
class Machine:
    """System commands that only note how they were called, and a bucket that is a folder."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def bucket(self) -> Path:
        return self.folder / "bucket"

    def put(self, key: str, content: bytes) -> str:
        (self.bucket / key).parent.mkdir(parents=True, exist_ok=True)
        (self.bucket / key).write_bytes(content)
        return hashlib.sha256(content).hexdigest()

    def called(self) -> list[str]:
        return (self.folder / "called").read_text().splitlines()

    def run(self, war: War) -> subprocess.CompletedProcess[str]:
        tomcat = war.tomcat
        return subprocess.run(
            [
                *("bash", str(SCRIPT), "us-east-1", "bucket", war.key, war.sha256),
                *(tomcat.key, tomcat.sha256, "logs", "shop-v001"),
            ],
            env={
                "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin",
                "PAVED_ROAD_ROOT": str(self.root),
                "BUCKET": str(self.bucket),
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def unit(self) -> dict[str, list[str]]:
        """Values by key, of all sections."""
        found: dict[str, list[str]] = {}
        text = (self.root / "etc/systemd/system/service.service").read_text()
        for line in text.splitlines():
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
        return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    (tmp_path / "bin").mkdir()
    note = f'#!/bin/bash\necho "${{0##*/}} $*" >>{tmp_path / "called"}\n'
    agent = made.root / "opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl"
    agent.parent.mkdir(parents=True)
    programs = {tmp_path / "bin" / name: note for name in COMMANDS}
    programs |= {tmp_path / "bin/aws": AWS, tmp_path / "bin/java": "#!/bin/bash\n", agent: note}
    programs[tmp_path / "bin/id"] = "#!/bin/bash\nexit 1\n"
    for file, text in programs.items():
        file.write_text(text)
        file.chmod(0o755)
    return made


@pytest.fixture
def war(machine: Machine, tmp_path: Path) -> War:
    """A web application and a Tomcat with all that Apache's has but its code."""
    archive = tmp_path / "tomcat.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        for name in ("bin/catalina.sh", "conf/web.xml", "webapps/manager/index.html"):
            file = tmp_path / "apache-tomcat" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(name)
            tar.add(file, f"apache-tomcat-10/{name}")
    tomcat = Tomcat(
        key="tomcat/10.tar.gz", sha256=machine.put("tomcat/10.tar.gz", archive.read_bytes())
    )
    key = "services/shop/1.war"
    return War(key=key, sha256=machine.put(key, b"PK"), tomcat=tomcat)


def test_shellcheck_finds_nothing() -> None:
    done = subprocess.run(
        ["shellcheck", "--severity=style", SCRIPT], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""


def test_what_was_verified_runs_as_a_unit_of_its_own_user(machine: Machine, war: War) -> None:
    done = machine.run(war)
    assert done.returncode == 0, done.stderr
    assert (machine.root / "opt/paved-road/app/ROOT.war").read_bytes() == b"PK"
    assert not (machine.root / "opt/paved-road/tomcat/webapps").exists(), "no manager"
    unit = machine.unit()
    assert unit["User"] == unit["Group"] == ["service"]
    assert unit["NoNewPrivileges"] == ["yes"]
    assert unit["CapabilityBoundingSet"] == [""]
    assert unit["ReadWritePaths"] == [str(machine.root / "var/lib/service")]
    assert (unit["StartLimitIntervalSec"], unit["StartLimitBurst"]) == (["600"], ["5"])
    assert DRAIN_SECONDS < int(unit["TimeoutStopSec"][0]) <= STOP_SECONDS
    assert unit["ExecStart"] == [f"{machine.root}/opt/paved-road/tomcat/bin/catalina.sh run"]
    assert "useradd --system --no-create-home --shell /usr/sbin/nologin service" in machine.called()
    assert machine.called()[-1] == "systemctl enable --now service.service"


def test_one_application_answers_at_the_members_port_and_nothing_else_does(
    machine: Machine, war: War
) -> None:
    machine.run(war)
    server = ET.parse(machine.root / "var/lib/service/conf/server.xml").getroot()  # noqa: S314 - ours
    assert server.attrib["port"] == "-1"
    (connector,) = server.iter("Connector")
    assert connector.attrib["port"] == "${PORT}"
    (host,) = server.iter("Host")
    assert host.attrib["appBase"] == str(machine.root / "opt/paved-road/app")
    assert {host.attrib[name] for name in ("autoDeploy", "deployXML", "unpackWARs")} == {"false"}


def test_logs_go_where_the_service_logs(machine: Machine, war: War) -> None:
    machine.run(war)
    config = machine.root / "opt/aws/amazon-cloudwatch-agent/etc/service.json"
    (shipped,) = json.loads(config.read_text())["logs"]["logs_collected"]["files"]["collect_list"]
    assert shipped["log_group_name"] == "logs"
    assert shipped["log_stream_name"] == "shop-v001/{instance_id}"
    assert machine.unit()["StandardOutput"] == [f"append:{shipped['file_path']}"]


@pytest.mark.parametrize("changed", ["services/shop/1.war", "tomcat/10.tar.gz"])
def test_other_bytes_under_the_same_key_start_nothing(
    machine: Machine, war: War, changed: str
) -> None:
    content = (machine.bucket / changed).read_bytes()
    machine.put(changed, content + b"!")
    done = machine.run(war)
    assert done.returncode != 0
    assert "did NOT match" in done.stderr
    assert not any(one.startswith("systemctl") for one in machine.called())
    assert not (machine.root / "opt/paved-road/tomcat/bin").exists(), "nothing is unpacked"


def test_a_second_boot_ends_as_the_first(machine: Machine, war: War) -> None:
    assert machine.run(war).returncode == 0
    assert machine.run(war).returncode == 0


def test_user_data_writes_the_script_and_names_all_by_checksum() -> None:
    war = War.by_digest("services/shop/1.war", "0" * 64)
    told = war.start_script(
        Region(estate="acme", name="us-east-1", zones="abc"), log_group="logs", release="shop-v001"
    )
    *script, last = told.removeprefix("cat >/etc/paved-road/war.sh <<'SCRIPT'\n").splitlines()
    assert "\n".join(script) + "\n" == SCRIPT.read_text() + "SCRIPT\n"
    assert last.split()[:2] == ["bash", "/etc/paved-road/war.sh"]
    assert last.split()[4:8] == [war.key, war.sha256, war.tomcat.key, war.tomcat.sha256]
    assert last.split()[8:] == ["logs", "shop-v001"]
