"""Which programs a ring's node runs. This is the one place that says so."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from paved_road_ring_agent.contract import NodeFile

Restart = Literal["always", "on-failure", "no"]


@dataclass(frozen=True, kw_only=True)
class Command:
    """One program: its name, how it is started and when it is started again, as systemd says it."""

    name: str
    argv: tuple[str, ...]
    restart: Restart = "on-failure"


def programs(node: NodeFile, root: Path) -> list[Command]:
    """The node's programs, in the order they are started."""
    _ = node, root
    return [
        Command(name=name, argv=(sys.executable, "-m", f"paved_road_ring_agent.{name}"))
        for name in ("supervisor", "agent")
    ]


def programs_in(file: Path) -> list[Command]:
    """Programs to run instead, from a JSON list of objects with `name`, `argv` and `restart`."""
    listed = json.loads(file.read_text(encoding="utf-8"))
    return [Command(**{**one, "argv": tuple(one["argv"])}) for one in listed]
