"""Which lab stands: what `up` wrote down and everything else reads."""

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path

STATE_FILE = "lab.json"
FAKE_ACCOUNT = re.compile(r"0000\d{8}")
"""Accounts of labs begin with four zeros, and nothing else is ever talked to."""


class LabError(Exception):
    """A sentence for a person: what was refused or failed, and what to do."""


@dataclass(frozen=True, kw_only=True)
class Lab:
    """One running emulator. `started` is its process's start time, so that a reused pid is seen."""

    folder: Path
    port: int
    account: str
    token: str
    pid: int
    started: float

    @property
    def endpoint(self) -> str:
        """By name: moto tells services apart by host names below it."""
        return f"http://localhost:{self.port}"

    @property
    def log(self) -> Path:
        """What the emulator wrote."""
        return self.folder / "emulator.log"

    def save(self) -> None:
        """Write it down for later commands."""
        facts = {name: value for name, value in asdict(self).items() if name != "folder"}
        (self.folder / STATE_FILE).write_text(json.dumps(facts) + "\n", encoding="utf-8")

    def forget(self) -> None:
        """Remove what `save` wrote."""
        (self.folder / STATE_FILE).unlink(missing_ok=True)


def recorded(folder: Path) -> Lab | None:
    """The lab that was written down in `folder`, running or not.

    Raises `LabError` if what stands there cannot be read: whoever runs is not known then.
    """
    file = folder / STATE_FILE
    try:
        return Lab(folder=folder, **json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (TypeError, ValueError):
        raise LabError(
            f"{file} is not what `paved-road lab up` wrote: end the emulator that it spoke of, if "
            "one still runs, and remove the file"
        ) from None
