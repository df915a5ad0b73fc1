"""What nodes of a ring logged, for whoever reads a failed test."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.lab.living_ring import LivingRing
from tests.lab.software import ROOT

KEPT_LOGS = ROOT / ".cache" / "rings"
"""Logs of rings whose test failed."""


@contextmanager
def logs_kept(ring: LivingRing, name: str) -> Iterator[None]:
    """Who fails in the block of test `name` also says what was logged."""
    try:
        yield
    except AssertionError as error:
        error.add_note(last_words(ring, name))
        raise


def last_words(ring: LivingRing, name: str, lines: int = 12) -> str:
    """What the agents said last, and where all logs are kept."""
    parts = [f"logs of all nodes: {_keep(ring, name)}"]
    for one in ring.nodes():
        last = "\n  ".join(one.said()[-lines:])
        parts.append(f"{one.instance} {one.rack} {one.address}\n  {last}")
    return "\n".join(parts)


def _keep(ring: LivingRing, name: str) -> Path:
    kept = KEPT_LOGS / re.sub(r"[^\w.-]", "-", name)
    shutil.rmtree(kept, ignore_errors=True)
    for one in ring.nodes():
        for file in one.layout.logs.glob("*.log"):
            copy = kept / f"{one.rack}-{one.instance}-{file.name}"
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    return kept
