"""Snapshots of the own node: links to all that is on disk, after what is in memory was flushed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from paved_road_ring_agent.management import Management
from paved_road_ring_backup.keys import stamp
from paved_road_ring_backup.node_manifest import Facts

LEFT_OUT = {"system", "system_auth", "system_traces"}
"""Keyspaces that no backup has. `system` says who the node was: a restored ring has new members, at
other addresses, and with `system` of old ones a node's view lacked members for a while (tried).
`system_auth` has the passwords of its time: agents make every declared role anew, from the secrets
that are. No snapshot holds what somebody could log in with; logs have the hashes of passwords that
were set meanwhile (docs/decisions/restore-to-a-second.md)."""
NOT_DATA = {"manifest.json", "schema.cql"}
"""What Cassandra adds to a snapshot; `system_schema` is in it whole."""
_TAG = "paved-road-"


class SnapshotUnfitError(Exception):
    """A snapshot that is no backup of one moment; another one may be."""


class Snapshots:
    """Of a node with its data in `data`, through its management."""

    def __init__(self, management: Management, data: Path) -> None:
        self._management, self._data = management, data

    def take(self, moment: int, *, seconds: int) -> tuple[str, Facts]:
        """Link all that was acknowledged before `moment`, the present; tag and the node's facts.

        It goes by itself after `seconds`, should nobody be left to clear it. Raises
        `SnapshotUnfitError` if the schema changed meanwhile, and `NodeSilentError`.
        """
        tag = f"{_TAG}{stamp(moment)}"
        before = self._facts()
        keyspaces = sorted(set(self._management.all_keyspaces()) - LEFT_OUT)
        self._management.take_snapshot(tag, keyspaces, seconds)
        if self._facts() != before:
            self.clear(tag)
            raise SnapshotUnfitError("the schema changed while the snapshot was taken")
        return tag, replace(before, keyspaces=tuple(keyspaces))

    def clear(self, tag: str) -> None:
        """Let its files go."""
        self._management.clear_snapshot(tag)

    def clear_all_but(self, kept: str) -> None:
        """What runs that were forgotten left behind."""
        for tag in self._tags() - {kept}:
            self.clear(tag)

    def files(self, tag: str) -> Iterator[tuple[str, Path]]:
        """Each file by the path that it has below the data directory without the snapshot."""
        for folder in self._data.glob(f"*/*/snapshots/{tag}"):
            table = folder.parents[1]
            for place in sorted(folder.rglob("*")):
                if place.is_file() and place.name not in NOT_DATA:
                    path = table.relative_to(self._data) / place.relative_to(folder)
                    yield path.as_posix(), place

    def exists(self, tag: str) -> bool:
        """Whether it is there still."""
        return tag in self._tags()

    def held_bytes(self, tag: str) -> int:
        """On disk for the snapshot's sake only: Cassandra itself has no link to them any more."""
        found = (place.stat() for _, place in self.files(tag))
        return sum(status.st_size for status in found if status.st_nlink == 1)

    def _tags(self) -> set[str]:
        return {folder.name for folder in self._data.glob(f"*/*/snapshots/{_TAG}*")}

    def _facts(self) -> Facts:
        """Cassandra's own word on itself."""
        return Facts(**self._management.self_description())
