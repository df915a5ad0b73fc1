"""What Cassandra does with its commit logs besides writing them: archives, and replays once.

Each segment is linked into a folder on the same disk when it is closed, from where backups ship it.
A ring that comes back to a moment replays the segments in another folder at its nodes' first start:
until they have joined. Never later: the moment holds for all that is replayed, so a node would lose
what it acknowledged since.
https://cassandra.apache.org/doc/5.0/cassandra/managing/configuration/cass_cl_archive_file.html
"""

from datetime import UTC, datetime
from pathlib import Path

from paved_road_ring_agent.actions import Start
from paved_road_ring_agent.facts import Phase
from paved_road_ring_agent.layout import Layout

FILE = "commitlog_archiving.properties"
SYSTEM = {"system", "system_auth", "system_distributed", "system_schema", "system_traces"}
_LINK, _COPY = "/bin/ln -f %path", "/bin/cp -f %from %to"
# A link that is there already is the same one: Cassandra links once more what a start finds.


def replays(start: Start) -> bool:
    """Whether it starts from its slot's backup and logs, until it has joined."""
    return bool(start.birth.origin and start.birth.at) and start.claim.phase is Phase.FORMING


def properties(
    archived: Path, restored: Path | None = None, *, at: int = 0, archive: bool = True
) -> str:
    """The file's text. `at` is in seconds since 1970: rows with later timestamps are left out.

    An empty command archives nothing. Without any line Cassandra 5.0.9 does not start (tried).
    """
    lines = {"archive_command": f"{_LINK} {archived}/%name" if archive else ""}
    if restored:
        moment = datetime.fromtimestamp(at, UTC).strftime("%Y:%m:%d %H:%M:%S")
        lines |= {
            "restore_command": _COPY,
            "restore_directories": str(restored),
            "restore_point_in_time": moment,
            "precision": "MICROSECONDS",
        }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def restored_keyspaces(layout: Layout) -> list[str]:
    """What the logs are replayed for that came with a slot's backup.

    Logs have all of a node's writes, and those to the system's keyspaces are the old node's: who it
    was, and the passwords of its time.
    """
    names = layout.replayed_keyspaces.read_text(encoding="utf-8").split()
    return sorted(set(names) - SYSTEM)


def forget_restored(layout: Layout) -> None:
    """Remove segments that were replayed, and links that a start made to them.

    Nothing is replayed twice, and nothing that came from a backup goes into one as new.
    """
    if not layout.restored_logs.is_dir():
        return
    for place in list(layout.restored_logs.iterdir()):
        for folder in (layout.cassandra / "commitlog", layout.archived_logs):
            (folder / place.name).unlink(missing_ok=True)
        place.unlink()
    layout.restored_logs.rmdir()
