"""A process that promotes or rolls back for one step, and is then killed as `kill -9` does."""

import multiprocessing
import os
import signal
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Ask, Seen, Step
from paved_road_delivery.service import LiveService
from paved_road_lab.cloud import LabCloud
from paved_road_lab.lifecycle import require
from tests.lab.services_app import PLACE
from tests.lab.small_region import ESTATE, REGION

MOST_KILLED = 80


@dataclass(frozen=True)
class _Mortal(Driver):
    def do(self, seen: Seen, step: Step, ask: Ask) -> None:
        super().do(seen, step, ask)
        os.kill(os.getpid(), signal.SIGKILL)


def run_killed(folder: Path, ask: Ask) -> tuple[str, int]:
    """Start one process after the other; the last step's name, and how many were killed."""
    # The callers of this process have threads, so that it may not fork itself.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    for killed in range(MOST_KILLED):
        hears, tells = context.Pipe(duplex=False)
        process = context.Process(target=_one_step, args=(folder, ask, tells))
        process.start()
        tells.close()
        process.join()
        if process.exitcode == 0:
            return str(hears.recv()), killed
        assert process.exitcode == -signal.SIGKILL
    raise AssertionError(f"no end after {MOST_KILLED} processes")


def _one_step(folder: Path, ask: Ask, tells: Connection) -> None:
    service = LiveService(LabCloud(require(folder)), ESTATE, REGION, PLACE)
    last = _Mortal(service, lambda _: None, pause=lambda _: None).run(ask)
    tells.send(f"{type(last).__name__}: {last.why}")
