"""The command line: help that teaches, JSON, exit codes and sentences."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from paved_road_cli.main import app
from paved_road_lab.state import LabError

RUNNER = CliRunner()


def commands(group: TyperGroup, *path: str) -> Iterator[list[str]]:
    """Every command there is, in whatever group it stands."""
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from commands(command, *path, name)
        else:
            yield [*path, name]


WHOLE = typer.main.get_command(app)
assert isinstance(WHOLE, TyperGroup)
COMMANDS = list(commands(WHOLE))


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from paved_road_cli.main import main; main()", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(command: list[str]) -> None:
    told = RUNNER.invoke(app, [*command, "--help"])
    assert told.exit_code == 0
    assert "Usage" in told.output
    assert "--json" in told.output or command == ["lab", "exec"]


def test_every_group_is_among_them() -> None:
    assert {command[0] for command in COMMANDS} >= {"lab", "release", "ring", "estate", "bundle"}


def test_commands_that_change_things_have_a_dry_run() -> None:
    for command in (
        ["release", "deploy"],
        ["release", "shift"],
        ["release", "promote"],
        ["release", "rollback"],
        ["release", "hold"],
        ["estate", "close"],
        ["lab", "deploy"],
        ["bundle", "publish"],
    ):
        assert "--dry-run" in RUNNER.invoke(app, [*command, "--help"]).output


def test_groups_show_examples() -> None:
    assert "paved-road lab demo" in RUNNER.invoke(app, ["lab", "--help"]).output
    assert "paved-road release deploy" in RUNNER.invoke(app, ["release", "--help"]).output


def test_status_without_a_lab_is_1_and_valid_json(tmp_path: Path) -> None:
    done = run("lab", "status", "--json", "--folder", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"running": False}


def test_down_without_a_lab_is_fine(tmp_path: Path) -> None:
    done = run("lab", "down", "--folder", str(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stdout.strip()) == (0, "no lab was running here")


def test_a_refusal_is_2_and_one_sentence(tmp_path: Path) -> None:
    done = run("lab", "prove", "--folder", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.strip() == ("paved-road: no lab is running here: run `paved-road lab up`")
    assert done.stdout == ""


def test_a_missing_synth_is_2_and_says_what_to_do(tmp_path: Path) -> None:
    done = run("estate", "picture", cwd=tmp_path)
    assert done.returncode == 2
    assert "run `cdk synth` first" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_usage_is_2(tmp_path: Path) -> None:
    assert run("release", "deploy", "place-order", cwd=tmp_path).returncode == 2
    assert run("lab", "fly", cwd=tmp_path).returncode == 2


def test_a_port_that_cannot_be_is_wrong_usage(tmp_path: Path) -> None:
    done = run("lab", "up", "--port", "99999", cwd=tmp_path)
    assert done.returncode == 2
    assert "65535" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("text", ["{", '{"port": 1}', "[]"])
@pytest.mark.parametrize("command", ["status", "down", "up"])
def test_a_state_file_that_cannot_be_read_is_2_and_says_what_to_do(
    tmp_path: Path, command: str, text: str
) -> None:
    (tmp_path / "lab.json").write_text(text)
    told = RUNNER.invoke(app, ["lab", command, "--folder", str(tmp_path)])
    assert isinstance(told.exception, LabError)
    assert "lab.json is not what `paved-road lab up` wrote" in str(told.exception)


def test_the_first_example_needs_no_change_sets() -> None:
    """The emulator has none, and `cdk diff` would wait for one of each stack."""
    told = " ".join(RUNNER.invoke(app, ["lab", "--help"]).output.split())
    assert "cdk diff" in told
    assert told.count("cdk diff") == told.count("--method=template")
