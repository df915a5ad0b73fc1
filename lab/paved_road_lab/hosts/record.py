"""What is written down of each host, so that a new daemon adopts the hosts of the last one."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from paved_road_lab.processes import living

HOSTS_FOLDER, HOST_FILE, BOOT_LOG = "hosts", "host.json", "boot.log"
DISK_FOLDER = "var/lib/paved-road"
"""The instance store: it goes when the instance goes."""

ROOT_FOLDERS = ("etc/paved-road", "opt/paved-road", "var/log/paved-road", "run/paved-road")
"""Of the root volume, which may be replaced under the instance."""

PROGRAMS_FILE = "run/paved-road/programs.json"


@dataclass(frozen=True, kw_only=True)
class Host:
    """One host. `started` is its boot process's start time, so that a reused pid is seen.

    `root_volume` is the one that the instance had when the host was last looked at. `release` is
    empty for a ring's node.
    """

    instance_id: str
    region: str
    rack: str
    address: str
    pid: int = 0
    started: float = 0.0
    starts: tuple[float, ...] = ()
    failed: bool = False
    note: str = ""
    root_volume: str = ""
    release: str = ""

    def process(self) -> psutil.Process | None:
        """Its boot process, if that lives."""
        return living(self.pid, self.started) if self.pid else None

    def save(self, folder: Path) -> None:
        """Write it down, never half."""
        target = directory(folder, self.instance_id) / HOST_FILE
        target.parent.mkdir(parents=True, exist_ok=True)
        half = target.with_suffix(".new")
        half.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")
        half.replace(target)


def directory(folder: Path, instance_id: str) -> Path:
    """Everything of one host."""
    return (folder / HOSTS_FOLDER / instance_id).resolve()


def root(folder: Path, instance_id: str) -> Path:
    """What stands for the instance's file system."""
    return directory(folder, instance_id) / "root"


def recorded_hosts(folder: Path) -> list[Host]:
    """All hosts that were written down, by instance id."""
    found = sorted((folder / HOSTS_FOLDER).glob(f"*/{HOST_FILE}"))
    return [_read(json.loads(path.read_text(encoding="utf-8"))) for path in found]


def _read(facts: dict[str, Any]) -> Host:
    return Host(**{**facts, "starts": tuple(facts["starts"])})
