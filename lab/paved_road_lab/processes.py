"""Processes that the lab started: found again by pid and start time, ended with all they began."""

import contextlib
import os
import time
from collections.abc import Iterable

import psutil

from paved_road_lab.state import LabError

PATIENCE_SECONDS = 10
ROUNDS = 20
"""How often a tree is collected again: what is killed may have started more in the meantime."""


def living(pid: int, started: float) -> psutil.Process | None:
    """The process, unless it ended or its pid belongs to another one by now."""
    try:
        process = psutil.Process(pid)
        ours = process.create_time() == started and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return None
    return process if ours else None


def end(process: psutil.Process) -> None:
    """End one process: asked first, killed if it does not heed."""
    process.terminate()
    with contextlib.suppress(psutil.TimeoutExpired):
        process.wait(timeout=PATIENCE_SECONDS)
    if process.is_running():
        process.kill()
        process.wait(timeout=PATIENCE_SECONDS)


def kill_tree(root: psutil.Process | None, variable: str, value: str) -> int:
    """Kill `root`, everything that has `variable=value` from it, and the descendants of all these.

    Descendants of `root` alone would miss a child whose parent is dead already; the mark alone
    would miss one that cleared its environment. Returns how many were killed; `LabError` if some
    can't be.
    """
    killed = 0
    for _ in range(ROUNDS):
        doomed = _tree(root, variable, value)
        if not doomed:
            return killed
        for process in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        killed += len(doomed)
        _wait_until_dead(doomed)
    raise LabError(
        f"processes of {value} go on in spite of SIGKILL: {sorted(p.pid for p in doomed)}"
    )


def _tree(root: psutil.Process | None, variable: str, value: str) -> set[psutil.Process]:
    """Living ones. Other users' environments can't be read, and are not ours."""
    children: dict[int, list[psutil.Process]] = {}
    reached = [root] if root else []
    for process in psutil.process_iter(["ppid", "environ"]):
        children.setdefault(process.info["ppid"], []).append(process)
        if (process.info["environ"] or {}).get(variable) == value:
            reached.append(process)
    tree: set[psutil.Process] = set()
    while reached:
        process = reached.pop()
        if process not in tree:
            tree.add(process)
            reached.extend(children.get(process.pid, ()))
    return {process for process in tree if process.pid != os.getpid() and _alive(process)}


def _alive(process: psutil.Process) -> bool:
    """A zombie is dead: only its parent can bury it, and that may be nobody of ours."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _wait_until_dead(processes: Iterable[psutil.Process]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(map(_alive, processes)) and time.monotonic() < deadline:
        time.sleep(0.01)
