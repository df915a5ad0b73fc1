"""An archive that was packed, and what it is called everywhere."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """`version` is Cassandra's, `sha256` is the archive's and its identity."""

    path: Path
    version: str
    sha256: str

    @property
    def name(self) -> str:
        """Never given to other bytes."""
        return f"paved-road-node-{self.version}-{self.sha256[:12]}.tar"

    @property
    def key(self) -> str:
        """Where it stands in an artifact bucket."""
        return f"bundles/{self.name}"
