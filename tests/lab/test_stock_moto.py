"""What stock moto lacks. When one of these fails, moto has learned it: remove our extension."""

import json
import subprocess
import sys

import pytest

from paved_road_lab import extensions
from tests.lab.moto_probes import PROBES, program

pytestmark = pytest.mark.slow


def test_every_extension_that_changes_moto_has_a_probe() -> None:
    """`calls` and `s3_actions` change nothing in it: they read requests before it does."""
    changing = {
        name
        for name, module in vars(extensions).items()
        if callable(getattr(module, "install", None))
    }
    assert len(changing) > 10
    assert changing <= {probe.partition(" of ")[0] for probe in PROBES}


@pytest.mark.parametrize("extension", sorted(PROBES))
def test_stock_moto_lacks(extension: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program(extension)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.strip().endswith("False"), json.dumps([done.stdout, done.stderr[-800:]])
