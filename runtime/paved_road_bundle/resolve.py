"""Makes the lock anew: which jars Cassandra's POM asks for, and what their bytes are.

For developers only: jgo resolves as Maven does, without a Java. Its findings are pinned to one
platform, so that the lock does not depend on whose machine made it.
"""

import logging
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from paved_road_bundle.errors import BundleError, RefusedError
from paved_road_bundle.lock import Artifact, Lock, excluded, stem
from paved_road_bundle.repository import repository
from paved_road_contract.digests import sha256_of

if TYPE_CHECKING:
    from jgo.maven import Artifact as MavenArtifact
    from jgo.maven import MavenContext

GROUP, ARTIFACT = "org.apache.cassandra", "cassandra-all"
SERIES = "5.0"
MANAGEMENT = ("org.jolokia", "jolokia-agent-jvm", "2.6.0", "javaagent")
"""Goes into Cassandra's JVM, for the agent's questions. One jar with all that it needs."""
SCOPES = {None, "compile", "runtime"}
WRONG = ("Could not build model", "Checksum mismatch")
Say = Callable[[str], None]


def resolve(scratch: Path, version: str | None = None, *, say: Say) -> Lock:
    """The lock of a version, the newest of the series by default. Downloads go to `scratch`."""
    context = _context(scratch)
    cassandra = context.project(GROUP, ARTIFACT).at_version(version or newest(context))
    say(f"resolving {ARTIFACT} {cassandra.version}")
    with _complaints() as complaints:
        _, nodes = context.pom_dependency_list(cassandra.pom())
        found = [cassandra.artifact()]
        found += [node.dep.artifact for node in nodes if node.dep.scope in SCOPES]
        group, name, pinned, classifier = MANAGEMENT
        management = context.project(group, name).at_version(pinned)
        found.append(management.artifact(classifier=classifier))
        wanted = []
        for one in found:
            if why := excluded(stem(one.artifactId, one.version, one.classifier)):
                say(f"left out {one.filename}: {why}")
            else:
                wanted.append(one)
        with ThreadPoolExecutor(8) as pool:
            artifacts = tuple(sorted(pool.map(_locked, wanted)))
    if complaints:
        raise BundleError(f"the lock would not be whole, run it again: {complaints[0]}")
    return Lock(str(cassandra.version), artifacts)


def newest(context: "MavenContext") -> str:
    """The newest release of the series."""
    project = context.project(GROUP, ARTIFACT)
    project.update()
    pattern = re.compile(rf"{re.escape(SERIES)}\.(\d+)")
    patches = [
        int(match.group(1))
        for one in project.versions()
        if (match := pattern.fullmatch(str(one.version)))
    ]
    if not patches:
        raise BundleError(f"the repository lists no {ARTIFACT} {SERIES}.x")
    return f"{SERIES}.{max(patches)}"


def _context(scratch: Path) -> "MavenContext":
    try:
        from jgo.maven import MavenContext, ProfileConstraints, PythonResolver
    except ImportError:
        raise RefusedError(
            "making the lock needs jgo: `pip install paved-road[dev]` installs it"
        ) from None
    platform = ProfileConstraints(jdk="17", os_name="Linux", os_family="unix", os_arch="amd64")
    return MavenContext(
        resolver=PythonResolver(platform),
        repo_cache=scratch,
        local_repos=[],
        remote_repos={"repository": repository()},
        timeout=60,
    )


def _locked(artifact: "MavenArtifact") -> Artifact:
    file = artifact.resolve()
    return Artifact(
        group=artifact.groupId,
        artifact=artifact.artifactId,
        version=artifact.version,
        classifier=artifact.classifier,
        sha256=sha256_of(file),
        size=file.stat().st_size,
    )


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What jgo only logs, though it makes a lock wrong.

    A POM that it could not read costs that one's dependencies, and is told at debug level only.
    """
    told: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            if message.startswith(WRONG):
                told.append(message)

    logger, listener = logging.getLogger("jgo"), Listener(logging.DEBUG)
    before = logger.level
    logger.addHandler(listener)
    logger.setLevel(logging.DEBUG)
    try:
        yield told
    finally:
        logger.removeHandler(listener)
        logger.setLevel(before)
