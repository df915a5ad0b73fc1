"""What a bundle is called, whether its archive is at hand or not."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from paved_road_bundle.errors import RefusedError
from paved_road_ring_agent.software import Wanted, label


@dataclass(frozen=True, kw_only=True)
class BundlePin:
    """One bundle: Cassandra's `version`, and the `sha256` of its manifest, which is its identity.

    The manifest names the SHA-256 of every file, so it stands for all of them. It follows from the
    locks and the agent's source alone: whoever has this version of the product knows the pin
    without a single jar (docs/decisions/bundle-identity.md). Raises `RefusedError` for
    values that can't be a bundle's.
    """

    version: str
    sha256: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d+\.\d+\.\d+", self.version):
            raise RefusedError(f"version must be Cassandra's, such as 5.0.9, got {self.version!r}")
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise RefusedError(f"sha256 must be 64 lower-case hex digits, got {self.sha256!r}")

    @staticmethod
    def pinned(version: str, sha256: str) -> "BundlePin":
        """A bundle that was published earlier, to stay on it."""
        return BundlePin(version=version, sha256=sha256)

    @staticmethod
    def of_this_version() -> "BundlePin":
        """The bundle that this version of the product makes."""
        return _of_this_version()

    @property
    def name(self) -> str:
        """Never given to other content."""
        return f"paved-road-node-{label(self.version, self.sha256)}.tar"

    @property
    def key(self) -> str:
        """Where it stands in an artifact bucket."""
        return f"{FOLDER}{self.name}"

    @property
    def wanted(self) -> Wanted:
        """What a ring's stack says of it, for nodes whose root volume is new."""
        return Wanted(cassandra=self.version, key=self.key, sha256=self.sha256)


FOLDER = "bundles/"
"""Of an artifact bucket; all that a node may read there."""


@dataclass(frozen=True, kw_only=True)
class Bundle(BundlePin):
    """A bundle whose archive was packed."""

    path: Path


@cache
def _of_this_version() -> BundlePin:
    from paved_road_bundle.contents import Contents

    return Contents.of_this_version().pin
