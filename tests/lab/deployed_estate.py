"""A copy of app.py's estate in a lab, and the command line that acts on it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paved_road_lab.cloud import LabCloud
from paved_road_lab.deploy import synthesize
from paved_road_lab.lifecycle import require

ROOT = Path(__file__).parents[2]


def paved_road(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from paved_road_cli.main import main; main()", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        # A lab must not need or leak what stands in the caller's environment.
        env={**os.environ, "AWS_PROFILE": "nobody", "AWS_DEFAULT_REGION": "eu-north-1"},
    )


@dataclass(frozen=True)
class Stage:
    """A copy of the app, so that tests can edit it, and the lab that it was deployed into."""

    app: Path
    folder: Path
    report: dict[str, Any]

    @property
    def cloud(self) -> LabCloud:
        return LabCloud(require(self.folder))

    def synthesize(self, name: str, *context: str) -> Path:
        synthesize(require(self.folder), self.app, self.app / name, context)
        return self.app / name


def lab_exec(stage: Stage, *command: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return paved_road("lab", "exec", "--folder", str(stage.folder), "--", *command, cwd=cwd)
