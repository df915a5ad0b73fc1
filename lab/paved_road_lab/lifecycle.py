"""Starts, finds and ends the emulator: one per folder, ended by the process that was started."""

import random
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
from filelock import FileLock
from tenacity import RetryError, retry, retry_if_exception_type, stop_after_delay, wait_fixed

from paved_road_lab.processes import end, living
from paved_road_lab.safety import passed_on, verify
from paved_road_lab.state import Lab, LabError, recorded

DEFAULT_PORT = 5577
START_SECONDS = 60
Say = Callable[[str], None]


def up(folder: Path, *, port: int = DEFAULT_PORT, say: Say = lambda _: None) -> Lab:
    """The folder's lab, started unless it runs already.

    Raises `LabError` if the port is taken by something else or the emulator does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lab.lock", timeout=START_SECONDS):
        if standing := running(folder):
            return standing
        _refuse_taken(port)
        say(f"starting the emulator on port {port}")
        lab = _start(folder, port)
        lab.save()
        return lab


def running(folder: Path) -> Lab | None:
    """The folder's lab if its own process lives."""
    lab = recorded(folder)
    return lab if lab and living(lab.pid, lab.started) else None


def require(folder: Path) -> Lab:
    """The folder's running lab, verified; `LabError` says how to start one."""
    lab = running(folder)
    if lab is None:
        raise LabError("no lab is running here: run `paved-road lab up`")
    verify(lab)
    return lab


def down(folder: Path) -> bool:
    """End the folder's lab, its hosts and their disks first; tells whether one was running."""
    from paved_road_lab.hosts.lifecycle import discard_disks, hosts_down

    hosts_down(folder)
    discard_disks(folder)
    lab = recorded(folder)
    if lab is None:
        return False
    process = living(lab.pid, lab.started)
    if process:
        end(process)
    lab.forget()
    return process is not None


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise LabError(
                f"port {port} is in use: end what listens there, or choose another with --port"
            ) from None


def _start(folder: Path, port: int) -> Lab:
    account = f"0000{random.SystemRandom().randrange(10**8):08d}"
    token = secrets.token_hex(16)
    with (folder / "emulator.log").open("wb") as log:
        child = subprocess.Popen(
            [
                *(sys.executable, "-m", "paved_road_lab.server"),
                *("--port", str(port), "--account", account, "--token", token),
            ],
            env=passed_on(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    lab = Lab(
        folder=folder,
        port=port,
        account=account,
        token=token,
        pid=child.pid,
        started=psutil.Process(child.pid).create_time(),
    )

    @retry(
        retry=retry_if_exception_type(LabError),
        stop=stop_after_delay(START_SECONDS),
        wait=wait_fixed(0.1),
    )
    def answers() -> None:
        if child.poll() is not None:
            raise RuntimeError
        verify(lab)

    try:
        answers()
    except (RetryError, RuntimeError):
        child.kill()
        child.wait()
        raise LabError(f"the emulator did not start; it said why in {lab.log}") from None
    return lab
