"""A process that outlives whoever started it, told apart from a later one with the same id."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A process id and when the process started, in the kernel's ticks since boot."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        """Whether it still runs. One that nobody waited for yet has ended all the same."""
        found = _state(self.pid)
        return found is not None and found == ("live", self.started)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def end(self, patience: float) -> None:
        """Ask it to end; kill it after `patience` seconds. Zero kills at once."""
        self.signal(signal.SIGTERM if patience else signal.SIGKILL)
        deadline = time.monotonic() + patience
        while self.alive and time.monotonic() < deadline:
            time.sleep(0.1)
        self.signal(signal.SIGKILL)


def start(command: Sequence[str], log: Path) -> tuple[Process, subprocess.Popen[bytes]]:
    """Start a process in a session of its own, its output appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    found = _state(child.pid)
    return Process(child.pid, found[1] if found else 0), child


def _state(pid: int) -> tuple[str, int] | None:
    """https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 3 and 22."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    after_name = fields.rpartition(")")[2].split()
    return ("dead" if after_name[0] in {"Z", "X"} else "live", int(after_name[19]))
