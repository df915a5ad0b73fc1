"""Whoever installs the library pins the same bundle as its checkout."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from paved_road_bundle.bundle import BundlePin

ROOT = Path(__file__).parents[2]
ASK = """
import sys
sys.path.insert(0, sys.argv[1])
import paved_road_bundle
from paved_road_bundle.bundle import BundlePin
assert paved_road_bundle.__file__.startswith(sys.argv[1])
print(BundlePin.of_this_version().sha256)
"""


@pytest.mark.slow
def test_the_librarys_wheel_makes_the_same_pin(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for name in ("constructs", "runtime", "lab"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--quiet", "-w", tmp_path, source], check=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "installed")
    # Neither this checkout nor any package: the pin needs the standard library alone.
    asked = [sys.executable, "-I", "-S", "-c", ASK, str(tmp_path / "installed")]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == BundlePin.of_this_version().sha256
