"""Starting and stopping one host: the directory, the process tree and nothing else."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil

from paved_road_lab.hosts.images import IMAGES_VARIABLE
from paved_road_lab.hosts.imds import IMDS_PORT
from paved_road_lab.hosts.record import (
    BOOT_LOG,
    DISK_FOLDER,
    ROOT_FOLDERS,
    Host,
    directory,
    root,
)
from paved_road_lab.hosts.restarts import recent
from paved_road_lab.hosts.software import SOFTWARE_FOLDER
from paved_road_lab.processes import kill_tree
from paved_road_ring_agent.identity import ENDPOINT_VARIABLE
from paved_road_ring_agent.jvm import JAVA_VARIABLE
from paved_road_ring_agent.layout import BUNDLE_VARIABLE, ROOT_VARIABLE

PASSED_TO_HOSTS = (
    JAVA_VARIABLE,
    BUNDLE_VARIABLE,
    "PAVED_ROAD_HEAP_MIB",
    "PAVED_ROAD_RING_DELAY_MS",
    IMAGES_VARIABLE,
)
"""What a host reads where it shares its machine with others, if whoever started the lab's hosts set
it: an agent Java, software, memory and patience, a member what its image is."""


def given() -> dict[str, str]:
    """Those of `PASSED_TO_HOSTS` that are set here."""
    return {name: os.environ[name] for name in PASSED_TO_HOSTS if name in os.environ}


def environment(host: Host, folder: Path, endpoint: str) -> dict[str, str]:
    """All that a host's processes get, made from scratch.

    The home directory is the host's own, so that no program finds a person's credentials or leaves
    files there.
    """
    disk = str(root(folder, host.instance_id))
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": disk,
        ENDPOINT_VARIABLE: f"http://{host.address}:{IMDS_PORT}/",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": host.region,
        ROOT_VARIABLE: disk,
        **given(),
    }


def start(
    host: Host, folder: Path, endpoint: str, programs: Path | None
) -> tuple[Host, subprocess.Popen[bytes]]:
    """Boot it, on the disk it has or on a new one.

    What is left of an earlier boot is killed first and `/run` emptied, as a reboot does.

    It is written down before and after, so that whoever comes next finds it in any case.
    """
    kill(host, folder)
    shutil.rmtree(root(folder, host.instance_id) / "run", ignore_errors=True)
    for name in (DISK_FOLDER, *ROOT_FOLDERS):
        (root(folder, host.instance_id) / name).mkdir(parents=True, exist_ok=True)
    now = time.time()
    host = replace(host, pid=0, starts=(*recent(host.starts, now), now), note="")
    host.save(folder)
    argv = [sys.executable, "-m", "paved_road_lab.hosts.boot"]
    argv += ["--software", str((folder / SOFTWARE_FOLDER).resolve())]
    if programs:
        argv += ["--programs", str(programs)]
    with (directory(folder, host.instance_id) / BOOT_LOG).open("ab") as log:
        child = subprocess.Popen(
            argv,
            env=environment(host, folder, endpoint),
            cwd=root(folder, host.instance_id),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    host = replace(host, pid=child.pid, started=psutil.Process(child.pid).create_time())
    host.save(folder)
    return host, child


def kill(host: Host, folder: Path) -> int:
    """Kill everything of a host and leave its disk; tells how many processes that were."""
    # Every process of a host has the variable, which is how all are found.
    return kill_tree(host.process(), ROOT_VARIABLE, str(root(folder, host.instance_id)))


def shut_down(host: Host) -> bool:
    """Ask it to end, as a terminated instance is asked; tells whether it was there to be asked."""
    process = host.process()
    if process is None:
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
    return True


def replace_root(host: Host, folder: Path, volume: str) -> Host:
    """Kill everything of a host and give it an empty root volume; its instance store stays.

    What failed on the old one may start on the new one.
    """
    kill(host, folder)
    place = root(folder, host.instance_id)
    for name in ROOT_FOLDERS:
        shutil.rmtree(place / name, ignore_errors=True)
    fresh = replace(host, pid=0, starts=(), failed=False, note="", root_volume=volume)
    fresh.save(folder)
    return fresh


def discard(host: Host, folder: Path) -> None:
    """Delete its directory: an instance's disk goes with it."""
    shutil.rmtree(directory(folder, host.instance_id))
