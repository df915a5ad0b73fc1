"""The command line: help that teaches, JSON, exit codes and sentences."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from paved_road_cli.main import app

RUNNER = CliRunner()
GROUPS = {
    "lab": ("up", "status", "down", "deploy", "prove", "report", "demo", "exec"),
    "release": ("deploy", "list"),
    "estate": ("picture", "costs", "check", "close"),
    "bundle": ("build", "publish"),
}
COMMANDS = [[group, name] for group, names in GROUPS.items() for name in names]


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
    assert "--json" in told.output or command[1] == "exec"


def test_commands_that_change_things_have_a_dry_run() -> None:
    for command in (
        ["release", "deploy"],
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
