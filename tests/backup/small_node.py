"""A node that has files and takes snapshots of them, without a Cassandra."""

from pathlib import Path
from typing import Any

from paved_road_ring_agent.management import Management
from paved_road_ring_backup.node import NodeBackup
from paved_road_ring_backup.snapshots import Snapshots
from paved_road_ring_backup.store import Store
from tests.agent.scenes import BIRTH, slot
from tests.backup.stories import NOON, PAST


class SmallNode(Management):
    """Files of keyspace `shop`, and one of `system`, which no backup has."""

    def __init__(self, disk: Path) -> None:
        self.data, self.memory = disk / "data", disk / "backup"
        self.taken = 0
        self.token = BIRTH.token(slot("a0"))
        self.schemas = ["s1"]
        """The last one is the schema from now on."""
        self.write("system/local-1/nb-1-big-Data.db", b"who I was")

    def write(self, path: str, content: bytes) -> Path:
        """As Cassandra does: a new file in the place of one that was there."""
        place = self.data / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.write_bytes(content)
        return place

    def all_keyspaces(self) -> list[str]:
        return sorted(folder.name for folder in self.data.iterdir())

    def self_description(self) -> dict[str, Any]:
        schema = self.schemas.pop(0) if len(self.schemas) > 1 else self.schemas[0]
        return {"host_id": "h", "token": self.token, "cassandra": "5.0.9", "schema": schema}

    def take_snapshot(self, tag: str, keyspaces: list[str], seconds: int) -> None:
        assert seconds > 0
        self.taken += 1
        for keyspace in keyspaces:
            for table in (self.data / keyspace).iterdir():
                self._link(table, table / "snapshots" / tag)

    def _link(self, table: Path, folder: Path) -> None:
        found = [one for one in table.rglob("*") if "snapshots" not in one.parts and one.is_file()]
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
        for place in found:
            link = folder / place.relative_to(table)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.hardlink_to(place)

    def clear_snapshot(self, tag: str) -> None:
        for folder in self.data.glob(f"*/*/snapshots/{tag}"):
            for place in sorted(folder.rglob("*"), reverse=True):
                place.rmdir() if place.is_dir() else place.unlink()
            folder.rmdir()

    def tags(self) -> set[str]:
        return {folder.name for folder in self.data.glob("*/*/snapshots/*")}


def backup_of(node: SmallNode, store: Store, **changed: Any) -> NodeBackup:
    """Slot a0 under epoch 1, at noon."""
    given: dict[str, Any] = {
        "past": PAST,
        "slot": slot("a0"),
        "epoch": 1,
        "store": store,
        "snapshots": Snapshots(node, node.data),
        "memory": node.memory,
        "owns": lambda: True,
        "clock": lambda: NOON + 0.7,
    }
    return NodeBackup(**{**given, **changed})
