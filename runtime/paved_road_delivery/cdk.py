"""Runs the pinned CDK command line: with a deadline, a kept log, and lines as stacks go by."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from paved_road_delivery.cloud import Say

PROGRESS = re.compile(
    r"(?P<done>✅\s+)?.*?(?P<stack>[\w-]+)\)?(?P<rest>: deploying\.\.\..*| \(no changes\))?$"
)


def run_cdk(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    log: Path,
    say: Say,
    timeout_seconds: int = 1800,
    accept: Sequence[int] = (0,),
) -> str:
    pass
