"""Gets the lock's wheels and makes the lock anew: by pip, for machines that are not this one."""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import distributions
from pathlib import Path

from paved_road_bundle.errors import BundleError
from paved_road_bundle.wheels import ARCHITECTURES, GLIBC, LOCK, PYTHON, Wheel, WheelLock
from paved_road_contract.digests import sha256_of

Say = Callable[[str], None]
TIMEOUT_SECONDS = 600
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
"""Of the checkout: locks are made by developers."""

PIP = "pip"
"""Goes along, as a wheel: it installs the others on an instance, whose Python has none."""


def fetch_wheels(lock: WheelLock, folder: Path, *, say: Say = lambda _: None) -> None:
    """Make `folder` hold every wheel of the lock; only what is missing or damaged is downloaded.

    pip asks the index that it is configured for, and takes nothing but the lock's bytes. Raises
    `BundleError` with its last words otherwise.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for machine, wheels in lock.by_machine.items():
        missing = [one for one in wheels if not _is_whole(one, folder)]
        if not missing:
            continue
        say(f"downloading {len(missing)} wheels for {machine}")
        with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as scratch:
            wanted = Path(scratch, "requirements.txt")
            wanted.write_text("".join(f"{one.requirement}\n" for one in missing), encoding="utf-8")
            arguments = ["--require-hashes", "--no-deps", "--dest", scratch, "-r", str(wanted)]
            _pip("download", *arguments, *_for(machine))
            for one in missing:
                found = Path(scratch, one.file)
                if not found.is_file():
                    raise BundleError(
                        f"pip did not bring {one.file}: is the lock's name of it right?"
                    )
                found.replace(folder / one.file)


def resolve_wheels(*, say: Say) -> WheelLock:
    """The lock of what the extra `agent` asks for, as this environment has it.

    Versions are those installed here, so what is tested is what instances run; pip is the newest.
    """
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    asked = project["optional-dependencies"]["agent"]
    found: set[Wheel] = set()
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch, "constraints.txt")
        pins = {
            one.name: one.version for one in distributions() if one.name not in {PIP, "paved-road"}
        }
        here.write_text("".join(f"{n}=={v}\n" for n, v in pins.items()), encoding="utf-8")
        for machine in ARCHITECTURES.values():
            say(f"resolving wheels for {machine}")
            report = Path(scratch, f"{machine}.json")
            arguments = ["--dry-run", "--ignore-installed", "--target", scratch, "-c", str(here)]
            _pip("install", *arguments, "--report", str(report), *_for(machine), *asked, PIP)
            installs = json.loads(report.read_text(encoding="utf-8"))["install"]
            found.update(_wheel(one, machine) for one in installs)
    return WheelLock(LOCK, tuple(sorted(found)))


def _wheel(told: dict[str, dict[str, object]], machine: str) -> Wheel:
    """One entry of pip's report. https://pip.pypa.io/en/stable/reference/installation-report/"""
    info, metadata = told["download_info"], told["metadata"]
    file = str(info["url"]).rpartition("/")[2]
    hashes = info["archive_info"]["hashes"]  # type: ignore[index]
    return Wheel(
        name=str(metadata["name"]).lower(),
        version=str(metadata["version"]),
        machine="" if file.endswith("-none-any.whl") else machine,
        sha256=hashes["sha256"],
        file=file,
    )


def _for(machine: str) -> list[str]:
    """What an instance can use, oldest glibc last."""
    glibcs = [f"manylinux_{GLIBC[0]}_{minor}_{machine}" for minor in (GLIBC[1], 28, 17)]
    platforms = [f"--platform={name}" for name in (*glibcs, f"manylinux2014_{machine}")]
    version = ".".join(map(str, PYTHON))
    return ["--only-binary=:all:", f"--python-version={version}", "--implementation=cp", *platforms]


def _is_whole(wheel: Wheel, folder: Path) -> bool:
    file = folder / wheel.file
    return file.is_file() and sha256_of(file) == wheel.sha256


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", *arguments, "--quiet", "--disable-pip-version-check"]
    try:
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PIP_NO_INPUT": "1"},
        )
    except subprocess.CalledProcessError as error:
        raise BundleError(f"pip {arguments[0]}: {_last(error.stderr.splitlines())}") from error
    except subprocess.TimeoutExpired as error:
        raise BundleError(f"pip {arguments[0]} took longer than {TIMEOUT_SECONDS} s") from error


def _last(lines: Sequence[str] | Iterable[str]) -> str:
    return " ".join([line.strip() for line in lines if line.strip()][-3:])
