"""What keeps a host's programs running, and what ends all of it."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from paved_road_lab.hosts.programs import Command, programs_in
from paved_road_lab.hosts.record import DISK_FOLDER, PROGRAMS_FILE, ROOT_FOLDERS
from paved_road_lab.hosts.restarts import STARTS
from paved_road_lab.hosts.supervise import Supervisor
from paved_road_lab.processes import kill_tree, living
from tests.waiting import until

SOON = {"seconds": 20, "every": 0.02}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (DISK_FOLDER, *ROOT_FOLDERS):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


def shell(name: str, script: str, **more: str) -> Command:
    return Command(name=name, argv=("/bin/sh", "-c", script), **more)  # type: ignore[arg-type]


def settle(supervisor: Supervisor) -> dict[str, str]:
    def settled() -> bool:
        supervisor.look()
        return all(program.state in {"failed", "ended"} for program in supervisor.programs)

    until(settled, **SOON)
    return {program.command.name: program.state for program in supervisor.programs}


def test_programs_that_fail_are_started_again_until_the_limit(root: Path) -> None:
    count = "echo x >> $0.count; exit 1"
    commands = [
        Command(name="failing", argv=("/bin/sh", "-c", count, str(root / "failing"))),
        Command(name="once", argv=("/bin/sh", "-c", count, str(root / "once")), restart="no"),
        shell("done", "exit 0"),
        Command(name="missing", argv=(str(root / "no-such-program"),)),
    ]
    found = settle(Supervisor(commands, root, restart_seconds=0))
    assert found == {"failing": "failed", "once": "failed", "done": "ended", "missing": "failed"}
    assert (root / "failing.count").read_text() == "x\n" * STARTS
    assert (root / "once.count").read_text() == "x\n"
    told = json.loads((root / PROGRAMS_FILE).read_text())
    assert told["failing"]["state"] == "failed"
    assert told["failing"]["starts"] == STARTS


def test_what_a_program_says_is_in_its_log(root: Path) -> None:
    settle(Supervisor([shell("speaker", "echo said; echo cried >&2")], root))
    assert (root / "var/log/paved-road/speaker.log").read_text() == "said\ncried\n"


def test_other_programs_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "programs.json"
    file.write_text('[{"name": "one", "argv": ["true"], "restart": "no"}]')
    assert programs_in(file) == [Command(name="one", argv=("true",), restart="no")]


STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
depth, env = int(sys.argv[1]), dict(os.environ)
if depth == 0:
    env.clear()
if depth >= 0:
    subprocess.Popen([sys.executable, "-c", sys.argv[2], str(depth - 1), *sys.argv[2:]],
                     start_new_session=True, env=env)
open(os.path.join(sys.argv[3], str(os.getpid())), "w").close()
time.sleep(300)
"""


def test_a_tree_dies_whole(tmp_path: Path) -> None:
    """Sessions of their own, SIGTERM ignored, a parent that is dead, an environment cleared."""
    pids = tmp_path / "pids"
    pids.mkdir()
    mark = str(tmp_path)
    first = subprocess.Popen(
        [sys.executable, "-c", STUBBORN, "2", STUBBORN, str(pids)],
        env={"PAVED_ROAD_ROOT": mark},
        start_new_session=True,
    )
    tree: list[psutil.Process] = []
    try:
        until(lambda: len(list(pids.iterdir())) == 4, **SOON)
        tree = [psutil.Process(int(path.name)) for path in pids.iterdir()]
        begun = {one: one.create_time() for one in tree}
        second = next(one for one in tree if one.ppid() == first.pid)
        third = next(one for one in tree if one.ppid() == second.pid)
        second.kill()
        until(lambda: third.ppid() != second.pid, **SOON)
        for process in tree:
            if process != second:
                process.terminate()
        assert kill_tree(psutil.Process(first.pid), "PAVED_ROAD_ROOT", mark) == 3
        assert not any(living(one.pid, started) for one, started in begun.items())
        assert kill_tree(None, "PAVED_ROAD_ROOT", mark) == 0
    finally:
        for process in tree:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        first.kill()
        first.wait(timeout=10)


def test_programs_that_are_told_to_end_may_finish_first(root: Path) -> None:
    script = (
        "trap 'sleep 0.2; echo done >$0; exit 0' TERM; echo up >$0; while :; do sleep 0.1; done"
    )
    said = root / "said"
    command = Command(name="service", argv=("/bin/sh", "-c", script, str(said)))
    supervisor = Supervisor([command, shell("over", "exit 0")], root)

    def up() -> bool:
        supervisor.look()
        return said.exists() and said.read_text() == "up\n"

    until(up, **SOON)
    supervisor.end()
    assert said.read_text() == "done\n"
