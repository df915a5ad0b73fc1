"""Where jars come from."""

import os

from paved_road_bundle.errors import RefusedError

VARIABLE = "PAVED_ROAD_MAVEN_REPOSITORY"


def repository() -> str:
    """The company's mirror if the environment names one, else Maven Central as jgo knows it."""
    if mirror := os.environ.get(VARIABLE):
        return mirror.rstrip("/")
    try:
        from jgo.constants import MAVEN_CENTRAL_URL
    except ImportError:
        raise RefusedError(
            f"no repository for Cassandra's jars is known: set {VARIABLE} to a mirror's address, "
            "or install jgo, which knows the public one (`pip install paved-road[dev]`)"
        ) from None
    return str(MAVEN_CENTRAL_URL)
