"""Keeps a host's programs running, as an instance's systemd does."""

import contextlib
import json
import logging
import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from paved_road_lab.hosts.programs import Command
from paved_road_lab.hosts.record import PROGRAMS_FILE
from paved_road_lab.hosts.restarts import WINDOW_SECONDS, may_start, recent

RESTART_SECONDS = 0.5
"""`RestartSec=`: how long after its end a program is started again."""

END_SECONDS = 40
"""What a program may take to end: longer than a service drains (`docker stop --time`)."""

log = logging.getLogger(__name__)


@dataclass
class Program:
    """One program and its history."""

    command: Command
    starts: tuple[float, ...] = ()
    state: str = "new"
    since: float = 0.0
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)


class Supervisor:
    """Starts programs and looks after them, one look at a time.

    What a program started outlives it, as with `KillMode=process`: an agent may be restarted
    without the database it started. All of it dies with the host.
    """

    def __init__(
        self, commands: Sequence[Command], root: Path, *, restart_seconds: float = RESTART_SECONDS
    ) -> None:
        self.programs = [Program(command) for command in commands]
        self._root, self._restart_seconds = root, restart_seconds
        self._told = ""

    def look(self) -> None:
        """Start what is to be started, note what ended, and write down how things stand."""
        now = time.time()
        for program in self.programs:
            self._look_at(program, now)
        states = {
            program.command.name: {
                "state": program.state,
                "pid": program.child.pid if program.child else None,
                "starts": len(program.starts),
            }
            for program in self.programs
        }
        told = json.dumps(states, indent=2)
        if told != self._told:
            half = self._root / f"{PROGRAMS_FILE}.new"
            half.write_text(told + "\n", encoding="utf-8")
            half.replace(self._root / PROGRAMS_FILE)
            self._told = told

    def end(self) -> None:
        """Tell every program to end and wait until it has, or until it had its time."""
        running = [one.child for one in self.programs if one.child and one.child.poll() is None]
        for child in running:
            child.terminate()
        deadline = time.monotonic() + END_SECONDS
        for child in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(timeout=max(0, deadline - time.monotonic()))

    def _look_at(self, program: Program, now: float) -> None:
        code = program.child.poll() if program.child else None
        name = program.command.name
        if program.state == "running" and code is not None:
            again = {"always": True, "on-failure": code != 0, "no": False}[program.command.restart]
            program.state = "waiting" if again else ("failed" if code else "ended")
            program.since = now
            log.info("%s ended with %d: %s", name, code, program.state)
        if program.state == "waiting" and not may_start(program.starts, now):
            program.state = "failed"
            log.error("%s failed too often within %d s: it is left so", name, WINDOW_SECONDS)
        due = program.state == "waiting" and now - program.since >= self._restart_seconds
        if program.state == "new" or due:
            self._start(program, now)

    def _start(self, program: Program, now: float) -> None:
        program.starts = (*recent(program.starts, now), now)
        program.since = now
        path = self._root / f"var/log/paved-road/{program.command.name}.log"
        try:
            with path.open("ab") as output:
                program.child = subprocess.Popen(
                    program.command.argv,
                    cwd=self._root,
                    env={**os.environ, **program.command.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
        except OSError as error:
            program.state = "waiting"
            log.error("%s can't be started: %s", program.command.name, error)  # noqa: TRY400 - the sentence is enough
            return
        program.state = "running"
        log.info("%s runs as %d", program.command.name, program.child.pid)
