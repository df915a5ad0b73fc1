"""The agent's dependencies, every wheel by its bytes: `agent.lock`.

Requirements as pip reads them, one wheel a line, without addresses. Markers give each architecture
its own wheels, so that one bundle serves x86 and Graviton.
"""

import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from paved_road_bundle.errors import RefusedError

LOCK = Path(__file__).with_name("agent.lock")

PYTHON = (3, 11)
"""Amazon Linux 2023 packages it as `python3.11`; its own `python3` is 3.9 for good, which current
boto3 does not know any more. https://docs.aws.amazon.com/linux/al2023/ug/python.html"""

ARCHITECTURES: Mapping[str, str] = {"x86_64": "x86_64", "arm64": "aarch64"}
"""Machines as AWS spells them, and as Python does."""

GLIBC = (2, 34)
"""Amazon Linux 2023's. https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html"""

HEADER = """\
# What the agent imports, wheel by wheel, for Python 3.11 on Amazon Linux 2023; pip installs it.
# Written by `paved-road bundle lock`; never by hand.
"""

LINE = re.compile(
    r"(?P<name>[\w.-]+)==(?P<version>\S+)"
    r'(?: ; platform_machine == "(?P<machine>\w+)")?'
    r" --hash=sha256:(?P<sha256>[0-9a-f]{64})  # (?P<file>\S+\.whl)"
)


@dataclass(frozen=True, order=True, kw_only=True)
class Wheel:
    """One wheel; `machine` is empty if it serves every architecture."""

    name: str
    version: str
    machine: str
    sha256: str
    file: str

    @property
    def requirement(self) -> str:
        """Name, version and checksum, for pip, whatever the machine that asks."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"

    @property
    def line(self) -> str:
        """Its line in the lock."""
        marker = f' ; platform_machine == "{self.machine}"' if self.machine else ""
        return f"{self.name}=={self.version}{marker} --hash=sha256:{self.sha256}  # {self.file}"


@dataclass(frozen=True)
class WheelLock:
    """The lock's wheels, sorted, and the file that lists them."""

    file: Path
    wheels: tuple[Wheel, ...]

    @classmethod
    def read(cls, file: Path = LOCK) -> "WheelLock":
        """The lock that this version of the product was tested with."""
        wheels = []
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if not line or line.startswith("#"):
                continue
            match = LINE.fullmatch(line)
            if not match:
                raise RefusedError(f"{file.name}:{number} names no wheel: {line}")
            wheels.append(Wheel(**{**match.groupdict(), "machine": match["machine"] or ""}))
        return cls(file, tuple(sorted(wheels)))

    def write(self) -> None:
        """Write the lock's file."""
        lines = "".join(f"{wheel.line}\n" for wheel in sorted(self.wheels))
        self.file.write_text(HEADER + lines, encoding="utf-8")

    @cached_property
    def by_machine(self) -> Mapping[str, tuple[Wheel, ...]]:
        """What each architecture takes."""
        return {
            machine: tuple(one for one in self.wheels if one.machine in {"", machine})
            for machine in ARCHITECTURES.values()
        }


def unfit() -> str | None:
    """Why this Python can't use the lock's wheels; None if it can, as an instance's can."""
    version, glibc = sys.version_info[:2], _glibc()
    if version != PYTHON:
        return f"they are for Python {_dotted(PYTHON)}, and this is {_dotted(version)}"
    if sys.implementation.name != "cpython" or glibc is None:
        return "they are for CPython on a Linux with glibc, and this is another system"
    if glibc < GLIBC:
        return f"they are for glibc {_dotted(GLIBC)} or newer, and this is {_dotted(glibc)}"
    if platform.machine() not in ARCHITECTURES.values():
        return f"they are for {' and '.join(ARCHITECTURES)}, and this is {platform.machine()}"
    return None


def _glibc() -> tuple[int, ...] | None:
    name, version = platform.libc_ver()
    return tuple(map(int, version.split(".")[:2])) if name == "glibc" else None


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
