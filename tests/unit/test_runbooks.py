"""Runbooks name commands, alarms and pages that exist."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from aws_cdk.assertions import Template

from paved_road_cli.main import app
from tests.synth.ring.rings import Bucket, of_type, ring_stack

FOLDER = Path(__file__).parents[2] / "docs" / "runbooks"
PAGES = sorted(FOLDER.glob("*.md"))
COMMAND = re.compile(r"(?:`|^ {4})(paved-road [^`\n]*(?:\n[^`\n]+)?)", re.MULTILINE)


def commands(page: Path) -> list[list[str]]:
    found = COMMAND.findall(page.read_text(encoding="utf-8"))
    return [shlex.split(one.split("\n\n")[0].replace("\\\n", " ")) for one in found]


def resolve(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the words name, and the options given with it."""
    command: Any = typer.main.get_command(app)
    rest = words[1:]
    while hasattr(command, "commands"):
        assert rest, f"{' '.join(words)} is no whole command"
        assert rest[0] in command.commands, f"there is no {' '.join(words)}"
        command, rest = command.commands[rest[0]], rest[1:]
    return command, [word for word in rest if word.startswith("--")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_ours_exists_with_its_options(page: Path) -> None:
    for words in commands(page):
        command, given = resolve(words)
        known = {name for one in command.params for name in one.opts}
        assert set(given) <= known, words


def test_pages_name_commands_at_all() -> None:
    named = {tuple(words[1:3]) for page in PAGES for words in commands(page)}
    names = (
        *("status", "check", "refresh", "follow"),
        *("backup", "backups", "purge", "restore", "drill"),
    )
    of_rings = {("ring", name) for name in names}
    assert named == {*of_rings, ("bundle", "publish")}


def test_a_command_that_does_not_exist_is_found() -> None:
    with pytest.raises(AssertionError, match="there is no paved-road ring mend"):
        resolve(["paved-road", "ring", "mend", "orders"])


def test_every_alarm_of_a_ring_has_a_page_and_no_other_is_listed() -> None:
    template = Template.from_stack(ring_stack(backup=Bucket(), drilled_within_days=7))
    alarms = [
        one["Properties"]["AlarmDescription"] for one in of_type(template, "AWS::CloudWatch::Alarm")
    ]
    ids = template.find_resources("AWS::CloudWatch::Alarm")
    table = [
        line for line in (FOLDER / "README.md").read_text().splitlines() if line.startswith("| `")
    ]
    listed = {name for line in table for name in re.findall(r"`(\w+\??\w*)`", line.split("|")[1])}
    patterns = {name: re.compile(name.replace("?", "[A-Z]")) for name in listed}
    for id in ids:
        assert any(pattern.search(id) for pattern in patterns.values()), id
    for name, pattern in patterns.items():
        assert any(pattern.search(id) for id in ids), name
    assert len(alarms) == len(ids)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (FOLDER / target).exists(), target


@pytest.mark.parametrize(
    "page", [one for one in PAGES if one.stem != "README"], ids=lambda p: p.stem
)
def test_each_page_says_who_does_what(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for part in ("**The agents alone.**", "**What a person does", "**What not to do.**"):
        assert part in text
