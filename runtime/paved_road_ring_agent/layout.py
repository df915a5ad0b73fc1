"""Where things stand on a node, below a root: `/` on an instance, a folder in the lab."""

import json
import logging
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from paved_road_ring_agent.contract import NODE_FILE
from paved_road_ring_agent.facts import Slot
from paved_road_ring_agent.observed import Disk

ROOT_VARIABLE, BUNDLE_VARIABLE = "PAVED_ROAD_ROOT", "PAVED_ROAD_BUNDLE"


log = logging.getLogger("paved-road.agent")


@dataclass(frozen=True)
class Layout:
    """A node's files."""

    root: Path
    bundle: Path

    @classmethod
    def from_environment(cls) -> "Layout":
        """As whoever started this process says; an instance's own places by default."""
        return cls(
            root=Path(os.environ.get(ROOT_VARIABLE, "/")),
            bundle=Path(os.environ.get(BUNDLE_VARIABLE, "/opt/paved-road/bundle")),
        )

    @property
    def is_machine(self) -> bool:
        """Whether the node has a machine to itself, rather than a folder on one."""
        return self.root == Path("/")

    @property
    def disk_report(self) -> Path:
        """The boot script's word on the data disk (`fitness.py`)."""
        return self.run / "disk.json"

    @property
    def clock_file(self) -> Path:
        """What chrony would say, for a node below a folder (`clock.py`)."""
        return self.root / "etc/paved-road/clock.csv"

    @property
    def node_file(self) -> Path:
        """What the node was told at birth."""
        return self.root / NODE_FILE.lstrip("/")

    @property
    def disk(self) -> Path:
        """Where the instance-store volume is mounted."""
        return self.root / "var/lib/paved-road"

    @property
    def cassandra(self) -> Path:
        """All of Cassandra's data."""
        return self.disk / "cassandra"

    @property
    def owner_file(self) -> Path:
        """Whose data is on the disk; lives and dies with it."""
        return self.disk / "owner.json"

    @property
    def known_file(self) -> Path:
        """What the agent last read in the slot table; lives and dies with the data."""
        return self.disk / "known.json"

    @property
    def repairs_file(self) -> Path:
        """How far the repair has come that this node runs for others."""
        return self.run / "repair.json"

    @property
    def configuration(self) -> Path:
        """Cassandra's configuration, written before every start."""
        return self.run / "cassandra"

    @property
    def certificates(self) -> Path:
        """The node's certificate and key; made anew before every start."""
        return self.run / "tls"

    @property
    def run(self) -> Path:
        """Gone after a reboot, as what stands there should be."""
        return self.root / "run/paved-road"

    @property
    def permit(self) -> Path:
        """The agent's word that Cassandra may run."""
        return self.run / "permit.json"

    @property
    def status(self) -> Path:
        """The supervisor's word on what runs."""
        return self.run / "supervisor.json"

    @property
    def starts_file(self) -> Path:
        """When Cassandra was started (`starts.py`)."""
        return self.run / "starts.json"

    @property
    def logs(self) -> Path:
        """What is shipped."""
        return self.root / "var/log/paved-road"

    @property
    def backup_memory(self) -> Path:
        """What the node knows of its backups; lives and dies with the data."""
        return self.disk / "backup"

    @property
    def archived_logs(self) -> Path:
        """Commit log segments that Cassandra has closed, until they are shipped."""
        return self.cassandra / "commitlog_archived"

    @property
    def restored_logs(self) -> Path:
        """Commit log segments that came from a backup, to be replayed once (`archiving.py`)."""
        return self.cassandra / "commitlog_restored"

    @property
    def replayed_keyspaces(self) -> Path:
        """Names of the keyspaces that they are replayed for, one a line."""
        return self.cassandra / "commitlog_restored.txt"

    @property
    def has_data(self) -> bool:
        """Whether a Cassandra was ever started on the disk: what it writes first is there."""
        return any(self.cassandra.glob("data/system/local-*/*-Data.db")) or any(
            self.cassandra.glob("commitlog/CommitLog-*.log")
        )

    def clear_data(self) -> None:
        """Remove what came from a backup. Raises `OSError` if a Cassandra was started on it."""
        if self.has_data:
            raise OSError(f"{self.cassandra} has a node's data, which nobody removes")
        for folder in (self.cassandra, self.backup_memory):
            if folder.exists():
                shutil.rmtree(folder)

    def write_owner(
        self,
        slot: Slot,
        epoch: int,
        incarnation: str,
        software: str,
        *,
        origin: str = "",
        filled: bool = False,
    ) -> None:
        """Say whose data the disk is about to hold, and which bundle writes it.

        Or of which backup it is about to be filled, and that it was.
        """
        facts = {
            "slot": asdict(slot),
            "epoch": epoch,
            "incarnation": incarnation,
            "software": software,
            "origin": origin,
            "filled": filled,
        }
        write_whole(self.owner_file, facts)

    def disk_facts(self) -> Disk | None:
        """Whose data the disk holds; None for a disk that was never given to anybody.

        A disk that cannot be read any more holds nothing.
        """
        try:
            return self._disk_facts()
        except OSError as error:
            log.error("the disk cannot be read: %s", error)  # noqa: TRY400 - the sentence is enough
            return None

    def _disk_facts(self) -> Disk | None:
        facts = read_whole(self.owner_file)
        if facts is None:
            return None
        return Disk(
            slot=Slot(**facts["slot"]),
            epoch=facts["epoch"],
            incarnation=facts["incarnation"],
            software=facts.get("software", ""),
            origin=facts.get("origin", ""),
            filled=facts.get("filled", False),
            has_data=self.has_data,
        )


def write_whole(file: Path, facts: Any) -> None:  # noqa: ANN401 - anything JSON takes
    """Write a file that readers see whole or not at all, and that is still there after a crash."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    # Some of them hold a password of this node.
    with open(beside, "w", encoding="utf-8", opener=_private) as stream:
        json.dump(facts, stream, sort_keys=True)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(file)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def read_whole(file: Path) -> Any:  # noqa: ANN401 - whatever was written
    """What `write_whole` wrote, or None."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
