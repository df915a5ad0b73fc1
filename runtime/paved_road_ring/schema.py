"""Versioned schema files: which are to be applied, and why a folder is refused. Pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from paved_road_ring.statements import BrokenFileError, faults, split

NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.cql")


class SchemaRefusedError(Exception):
    """Nothing was done, and these are all the reasons."""


class State(StrEnum):
    """How far a file is."""

    NEW = "new"
    BEGUN = "begun"
    APPLIED = "applied"


@dataclass(frozen=True, kw_only=True)
class File:
    """One file, such as `0001_orders.cql`."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of its bytes."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Applied:
    """A file as the ring remembers it."""

    number: int
    name: str
    checksum: str
    state: State


@dataclass(frozen=True, kw_only=True)
class Step:
    """A file and what to run for it; no statements for one that is applied already."""

    file: File
    state: State
    statements: tuple[str, ...]


def read(folder: Path) -> list[File]:
    """A folder's files, by number. `SchemaRefusedError` for names that say no number."""
    listed = sorted(file for file in folder.iterdir() if file.suffix == ".cql")
    wrong = [file.name for file in listed if not NAME.fullmatch(file.name)]
    if wrong:
        raise SchemaRefusedError(f"names must be like 0001_orders.cql, got {', '.join(wrong)}")
    return [
        File(number=int(file.name[:4]), name=file.name, text=file.read_text(encoding="utf-8"))
        for file in listed
    ]


def plan(files: Sequence[File], applied: Sequence[Applied], *, drops: bool = False) -> list[Step]:
    """All files in order with what is left to do. `SchemaRefusedError` with all reasons."""
    known = {one.number: one for one in applied}
    reasons = [*_about_numbers(files, known), *_about_history(files, known)]
    steps: list[Step] = []
    for file in files:
        state = known[file.number].state if file.number in known else State.NEW
        statements: list[str] = []
        if state is not State.APPLIED:
            try:
                statements = split(file.text)
            except BrokenFileError as error:
                reasons.append(f"{file.name}: {error}")
            for statement in statements:
                reasons += [
                    f"{file.name}: {fault}: {statement[:60]}"
                    for fault in faults(statement, drops=drops)
                ]
        steps.append(Step(file=file, state=state, statements=tuple(statements)))
    if reasons:
        raise SchemaRefusedError("; ".join(reasons))
    return steps


def _about_numbers(files: Sequence[File], known: Mapping[int, Applied]) -> list[str]:
    found: list[str] = []
    for first, second in pairwise(files):
        if first.number == second.number:
            found.append(f"{first.name} and {second.name} have the same number")
    last = max(known, default=0)
    for file in files:
        if file.number not in known and file.number < last:
            found.append(f"{file.name} is new, but {known[last].name} is applied: number it later")
    return found


def _about_history(files: Sequence[File], known: Mapping[int, Applied]) -> list[str]:
    found: list[str] = []
    by_number = {file.number: file for file in files}
    for number, was in sorted(known.items()):
        file = by_number.get(number)
        if file is None:
            found.append(f"{was.name} was applied and is missing in the folder")
        # One that was only begun may be mended: it is run again as a whole.
        elif file.checksum != was.checksum and was.state is State.APPLIED:
            found.append(
                f"{file.name} was changed after it was applied: put it back as it was and "
                "write what is to change into a new file"
            )
    return found
