"""A first boot from user data to units, in a folder: a bundle fetched, verified and installed.

The bundle is a small one, with real wheels that any Python can install.
"""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from paved_road_bundle.bundle import Bundle
from paved_road_bundle.contents import Contents
from paved_road_bundle.first_boot import first_boot
from paved_road_bundle.pack import pack
from paved_road_bundle.wheel_tools import fetch_wheels
from paved_road_bundle.wheels import WheelLock
from paved_road_ring_agent.software import Wanted
from tests.lab.software import CACHE
from tests.unit.bundles import content, lock_of
from tests.unit.fake_machine import Machine
from tests.unit.test_boot_machine import NODE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return packed(tmp_path_factory, "alpha")


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Another one, of a later deploy."""
    return packed(tmp_path_factory, "beta")


def packed(tmp_path_factory: pytest.TempPathFactory, name: str) -> Bundle:
    cache: Path = tmp_path_factory.mktemp("cache")
    everywhere = tuple(one for one in WheelLock.read().wheels if one.name in {"pip", "six"})
    wheels = WheelLock(cache / "agent.lock", everywhere)
    wheels.write()
    fetch_wheels(wheels, CACHE / "wheels")
    (cache / "wheels").symlink_to(CACHE / "wheels")
    jars = lock_of(name)
    for one in jars.artifacts:
        (cache / "maven" / one.path).parent.mkdir(parents=True)
        (cache / "maven" / one.path).write_bytes(content(one.artifact))
    return pack(Contents.of(jars, wheels), cache, cache / "bundles")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine.with_disks(tmp_path, 2)


def boot(
    machine: Machine, bundle: Bundle, archive: Path | None = None, wanted: Wanted | None = None
) -> CompletedProcess[str]:
    """What cloud-init does with the node's user data: write the files, run the command."""
    told = first_boot(replace(NODE, artifact_bucket="artifacts"))
    document = json.loads(told.partition("\n")[2])
    for file in document["write_files"]:
        path = machine.root / file["path"].lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(file["content"])
    ((script, *arguments),) = document["runcmd"]
    where = machine.root / script.lstrip("/")
    return machine.run(
        where,
        *arguments,
        FAKE_BUCKET=str(archive or bundle.path),
        FAKE_PARAMETER=(wanted or bundle.wanted).to_json(),
    )


def replace_root(machine: Machine) -> None:
    """What is on the disks stays, and nothing else."""
    shutil.rmtree(machine.root / "opt/paved-road")
    shutil.rmtree(machine.root / "etc")
    machine.reboot()


def test_an_instance_becomes_a_node_and_one_of_the_new_bundle_once_its_root_volume_is_replaced(
    machine: Machine, bundle: Bundle, later: Bundle
) -> None:
    for one, jar in ((bundle, "alpha"), (later, "beta")):
        done = boot(machine, one)
        assert done.returncode == 0, done.stderr
        software = machine.root / "opt/paved-road"
        assert (software / "bundle").resolve() == software / "software" / one.sha256
        assert (software / f"bundle/lib/{jar}-1.0.jar").read_bytes() == content(jar)
        assert (software / "bundle/agent/paved_road_ring_agent/agent.py").is_file()
        assert (software / "python/six.py").is_file()
        assert sorted(file.name for file in (software / "wheels").iterdir()) == [one.sha256]
        units = sorted(file.name for file in (machine.root / "etc/systemd/system").iterdir())
        names = [f"paved-road-{name}.service" for name in ("agent", "machine", "supervisor")]
        assert units == names
        environment = (machine.root / "etc/paved-road/machine.env").read_text()
        assert environment == "PAVED_ROAD_DISKS=2\n"
        logs = (machine.root / "opt/aws/amazon-cloudwatch-agent/etc/paved-road.json").read_text()
        assert '"log_group_name": "logs"' in logs
        assert "@" not in logs
        (started,) = [call for call in machine.called("systemctl") if call[0] == "enable"]
        assert (started[1], sorted(started[2:])) == ("--now", names)
        # A user's number is on the disks, which outlive the root volume that gives it a name.
        (user,) = machine.called("useradd")
        assert user[:4] == ["--uid", "7100", "--gid", "7100"]
        replace_root(machine)


def test_a_root_volume_keeps_its_bundle_whatever_the_ring_wants_by_now(
    machine: Machine, bundle: Bundle, later: Bundle
) -> None:
    assert boot(machine, bundle).returncode == 0
    machine.reboot()
    assert boot(machine, later).returncode == 0
    assert (machine.root / "opt/paved-road/bundle").resolve().name == bundle.sha256
    assert machine.called("aws") == []
    assert [call[0] for call in machine.called("systemctl")] == ["daemon-reload", "enable"]


def test_a_boot_asks_again_until_it_is_told_what_to_run(machine: Machine, bundle: Bundle) -> None:
    machine.change(unreadable=3)
    done = boot(machine, bundle)
    assert done.returncode == 0
    assert machine.called("sleep") == [["30"]] * 3
    assert done.stderr.count("Could not connect to the endpoint URL") == 3
    assert "attempt 3 of 60 to get what /acme/rings/orders/bundle names has failed" in done.stderr


def test_a_node_that_nobody_tells_what_to_run_does_not_start(
    machine: Machine, bundle: Bundle
) -> None:
    machine.change(unreadable=99)
    done = boot(machine, bundle)
    assert done.returncode == 1
    assert done.stderr.endswith("first-boot: this node does not start, see above\n")
    assert len(machine.called("aws")) == 60
    assert machine.called("systemctl") == []
    assert not (machine.root / "opt/paved-road").exists()


def test_the_bundle_comes_from_the_bucket_of_user_data_and_packages_from_the_images_repository(
    machine: Machine, bundle: Bundle
) -> None:
    assert boot(machine, bundle).returncode == 0
    told, copy = machine.called("aws")
    assert told[:2] == ["ssm", "get-parameter"]
    assert told[told.index("--name") + 1] == "/acme/rings/orders/bundle"
    assert f"s3://artifacts/{bundle.key}" in copy
    assert {call[call.index("--region") + 1] for call in (told, copy)} == {"us-east-1"}
    installed = {name for call in machine.called("dnf") for name in call if name[0] != "-"}
    assert installed == {
        *("amazon-cloudwatch-agent", "chrony", "install", "java-17-amazon-corretto-headless"),
        *("logrotate", "mdadm", "python3.11", "xfsprogs"),
    }
    assert not {"download", "update", "upgrade"} & installed


def test_a_node_starts_even_if_its_logs_can_not_be_shipped(
    machine: Machine, bundle: Bundle
) -> None:
    machine.change(failing=["amazon-cloudwatch-agent-ctl"])
    done = boot(machine, bundle)
    assert done.returncode == 0
    assert "boot: logs are not shipped" in done.stderr


@pytest.mark.parametrize("fault", ["another manifest", "another installer", "another jar", "half"])
def test_nothing_of_another_archive_runs(
    machine: Machine, bundle: Bundle, tmp_path: Path, fault: str
) -> None:
    whole = bundle.path.read_bytes()
    changed = {
        "another manifest": whole.replace(b'"cassandra": "5.0.9"', b'"cassandra": "5.0.8"', 1),
        "another installer": whole.replace(b"import hashlib", b"import evil!!!"),
        "another jar": whole.replace(content("alpha")[:64], bytes(64), 1),
        "half": whole[: len(whole) // 2],
    }[fault]
    assert changed != whole
    archive = tmp_path / "other.tar"
    archive.write_bytes(changed)
    machine.change(failing=["sleep"])  # once is enough
    done = boot(machine, bundle, archive)
    assert done.returncode != 0
    assert "attempt 1 of 60" in done.stderr
    assert machine.called("systemctl") == []
    assert machine.called("useradd") == []
    software = machine.root / "opt/paved-road/software"
    assert not software.exists() or list(software.iterdir()) == []


def test_a_package_that_can_not_be_had_ends_the_boot(machine: Machine, bundle: Bundle) -> None:
    machine.change(failing=["dnf"])
    assert boot(machine, bundle).returncode != 0
    assert machine.called("aws") == machine.called("systemctl") == []
