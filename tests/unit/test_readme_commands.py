"""What the README tells people to type is there once `make setup` has run."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from paved_road_delivery.cloud import run_cdk

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`((?:make|cdk|paved-road|python) [^`]+)`")


def typed() -> list[str]:
    readme = (ROOT / "README.md").read_text()
    fenced = [
        line
        for language, block in FENCED.findall(readme)
        for line in block.splitlines()
        if not language
    ]
    return [*filter(None, fenced), *(" ".join(one.split()) for one in INLINE.findall(readme))]


def in_the_shell(script: str) -> subprocess.CompletedProcess[str]:
    """As `make shell` runs bash, in an environment that knows nothing of the checkout."""
    makefile = (ROOT / "Makefile").read_text().replace("shell: setup ##", "shell: ##")
    return subprocess.run(
        ["make", "-f", "-", "shell"],
        input=makefile.replace(
            "@bash --rcfile tools/shell-rc", f"@bash --rcfile tools/shell-rc -ic '{script}'"
        ),
        cwd=ROOT,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_shell_has_the_checkouts_own_commands() -> None:
    done = in_the_shell("command -v paved-road cdk node python")
    assert done.returncode == 0, done.stderr
    assert [Path(line) for line in done.stdout.splitlines()] == [
        ROOT / ".venv" / "bin" / "paved-road",
        ROOT / "tools" / "cdk" / "node_modules" / ".bin" / "cdk",
        ROOT / ".venv" / "bin" / "node",
        ROOT / ".venv" / "bin" / "python",
    ]


def test_every_program_of_the_readme_is_one_that_the_shell_has() -> None:
    programs = {line.split()[0] for line in typed()}
    assert {"make", "paved-road", "cdk"} <= programs <= {"make", "paved-road", "cdk", "python"}
    assert "`make shell`" in (ROOT / "README.md").read_text()


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {line.split("#")[0].split()[-1] for line in typed() if line.startswith("make ")}
    assert named <= targets


def test_the_command_line_finds_the_checkouts_cdk_without_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = {"PATH": os.pathsep.join(("/usr/bin", "/bin")), "HOME": "/nonexistent"}
    monkeypatch.setenv("PATH", bare["PATH"])
    version = run_cdk(
        ["--version"],
        environment=bare,
        folder=tmp_path,
        log=tmp_path / "log",
        say=lambda _: None,
    )
    assert re.match(r"\d+\.\d+\.\d+", version)
