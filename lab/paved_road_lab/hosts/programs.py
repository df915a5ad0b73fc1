"""Which programs a ring's node runs. This is the one place that says so."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from paved_road_lab.hosts.software import Installed

Restart = Literal["always", "on-failure", "no"]


@dataclass(frozen=True, kw_only=True)
class Command:
    """One program: its name, how it is started and when it is started again, as systemd says it.

    `environment` is added to the host's.
    """

    name: str
    argv: tuple[str, ...]
    restart: Restart = "on-failure"
    environment: Mapping[str, str] = field(default_factory=dict)


def programs(software: Installed | None) -> list[Command]:
    """The node's programs, in the order they are started: from its bundle.

    A node that was told of no bundle runs them from wherever the lab was started, on the Cassandra
    that PAVED_ROAD_BUNDLE names: for tests.
    """
    python = software.python if software else (sys.executable,)
    return [
        Command(
            name=name,
            argv=(*python, "-m", f"{package}.{name}"),
            environment=software.environment if software else {},
        )
        for package, name in (
            ("paved_road_ring_agent", "supervisor"),
            ("paved_road_ring_node", "agent"),
        )
    ]


def programs_in(file: Path) -> list[Command]:
    """Programs to run instead, from a JSON list of objects with `name`, `argv` and `restart`."""
    listed = json.loads(file.read_text(encoding="utf-8"))
    return [Command(**{**one, "argv": tuple(one["argv"])}) for one in listed]
