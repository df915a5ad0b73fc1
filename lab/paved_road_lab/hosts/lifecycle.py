"""Starts, finds and ends the hosts' daemon: one per folder, like the emulator."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil
from filelock import FileLock

from paved_road_lab.hosts import machine
from paved_road_lab.hosts.record import HOSTS_FOLDER, recorded_hosts
from paved_road_lab.lifecycle import require, running
from paved_road_lab.living import announce_living
from paved_road_lab.processes import end, living
from paved_road_lab.safety import passed_on
from paved_road_lab.state import LabError

STATE_FILE, LOCK_FILE, LOG_FILE = "hosts.json", "hosts.lock", "hosts.log"
START_SECONDS = 60
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class HostsDaemon:
    """One running daemon, written down by itself once it has asked the emulator."""

    folder: Path
    regions: tuple[str, ...]
    programs: Path | None
    pid: int
    started: float

    def save(self) -> None:
        """Write it down, unless that is done."""
        if recorded_daemon(self.folder) != self:
            facts = {**asdict(self), "programs": str(self.programs) if self.programs else None}
            del facts["folder"]
            half = self.folder / f"{STATE_FILE}.new"
            half.write_text(json.dumps(facts) + "\n", encoding="utf-8")
            half.replace(self.folder / STATE_FILE)

    def process(self) -> psutil.Process | None:
        """Its process, if it lives."""
        return living(self.pid, self.started)


def hosts_up(
    folder: Path,
    regions: Iterable[str],
    *,
    programs: Path | None = None,
    say: Say = lambda _: None,
) -> HostsDaemon:
    """The folder's daemon, started unless it runs already for these regions.

    Regions that it had before stay. `programs` is a JSON file of programs that hosts started from
    now on run instead of a node's own. Raises `LabError` if there is no lab or it does not start.
    """
    lab = require(folder)
    with FileLock(folder / LOCK_FILE, timeout=START_SECONDS):
        before = recorded_daemon(folder)
        wanted = tuple(sorted({*regions, *(before.regions if before else ())}))
        standing = before.process() if before else None
        if before and standing:
            if (before.regions, before.programs) == (wanted, _absolute(programs)):
                return before
            end(standing)
        say(f"starting hosts of {', '.join(wanted)}")
        daemon = _start(folder, wanted, _absolute(programs))
        announce_living(lab, wanted)
        return daemon


def hosts_down(folder: Path) -> bool:
    """End the folder's daemon and kill its hosts; tells whether there was anything to end.

    Their disks stay, as in a power cut: `hosts_up` boots them again, those that had failed too.
    """
    if not (folder / STATE_FILE).exists() and not (folder / HOSTS_FOLDER).exists():
        return False
    with FileLock(folder / LOCK_FILE, timeout=START_SECONDS):
        before = recorded_daemon(folder)
        process = before.process() if before else None
        if process:
            end(process)
        lab = running(folder)
        if lab:
            with contextlib.suppress(LabError):  # it hangs, and is ended next
                announce_living(lab, ())
        killed = 0
        for host in recorded_hosts(folder):
            killed += machine.kill(host, folder)
            replace(host, pid=0, starts=(), failed=False, note="").save(folder)
        (folder / STATE_FILE).unlink(missing_ok=True)
    return bool(process or killed)


def discard_disks(folder: Path) -> None:
    """Delete what dead hosts leave, once their instances are gone with the emulator."""
    if (folder / HOSTS_FOLDER).exists():
        shutil.rmtree(folder / HOSTS_FOLDER)


def recorded_daemon(folder: Path) -> HostsDaemon | None:
    """The daemon that was written down in `folder`, running or not."""
    try:
        facts = json.loads((folder / STATE_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return HostsDaemon(
        folder=folder,
        regions=tuple(facts["regions"]),
        programs=_absolute(facts["programs"]),
        pid=facts["pid"],
        started=facts["started"],
    )


def this_process(folder: Path, regions: Iterable[str], programs: Path | None) -> HostsDaemon:
    """The daemon that calls this. Raises `LabError` if the folder has another one."""
    before = recorded_daemon(folder)
    if before and before.pid != os.getpid() and before.process():
        raise LabError(f"process {before.pid} looks after the hosts of {folder} already")
    return HostsDaemon(
        folder=folder,
        regions=tuple(sorted(regions)),
        programs=_absolute(programs),
        pid=os.getpid(),
        started=psutil.Process().create_time(),
    )


def _absolute(path: str | Path | None) -> Path | None:
    return Path(path).resolve() if path else None


def _start(folder: Path, regions: tuple[str, ...], programs: Path | None) -> HostsDaemon:
    argv = [sys.executable, "-m", "paved_road_lab.hosts"]
    argv += ["--folder", str(folder), "--regions", ",".join(regions)]
    if programs:
        argv += ["--programs", str(programs)]
    with (folder / LOG_FILE).open("ab") as log:
        child = subprocess.Popen(
            argv,
            env={**passed_on(), **machine.given()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        told = recorded_daemon(folder)
        if told and told.pid == child.pid:
            return told
        time.sleep(0.05)
    child.kill()
    child.wait()
    raise LabError(f"the hosts' daemon did not start; it said why in {folder / LOG_FILE}")
