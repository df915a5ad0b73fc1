"""Every dependency has a line that says what it is for."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    needed = [*project["dependencies"], *(one for extra in extras for one in extra)]
    return {re.split(r"[\s\[<>=!~;]", one, maxsplit=1)[0] for one in needed}


def told() -> set[str]:
    """Names in the first column of every table of the record."""
    record = (ROOT / "docs" / "decisions" / "dependencies.md").read_text()
    cells = re.findall(r"^\| ([^|]+) \|", record, re.MULTILINE)
    return {re.sub(r" \(.*\)", "", name) for cell in cells for name in cell.split(", ")}


def test_each_dependency_is_in_the_record() -> None:
    assert {"requests", "moto", "mypy"} <= declared()
    assert declared() - told() == set()
