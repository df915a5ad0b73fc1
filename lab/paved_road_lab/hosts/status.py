"""How hosts are, for people."""

import json
from dataclasses import dataclass
from pathlib import Path

from paved_road_lab.hosts.lifecycle import recorded_daemon
from paved_road_lab.hosts.record import PROGRAMS_FILE, Host, recorded_hosts, root


@dataclass(frozen=True)
class HostStatus:
    """One host. `state` is running, starting, failed, or dead when no daemon looks after it.

    `rack` is the release for a member of one.
    """

    instance: str
    region: str
    rack: str
    address: str
    state: str
    note: str


def host_statuses(folder: Path) -> list[HostStatus]:
    """All hosts of a lab, by region, rack and instance."""
    daemon = recorded_daemon(folder)
    attended = bool(daemon and daemon.process())
    found = [_status(host, folder, attended=attended) for host in recorded_hosts(folder)]
    return sorted(found, key=lambda one: (one.region, one.rack, one.instance))


def _status(host: Host, folder: Path, *, attended: bool) -> HostStatus:
    if host.process():
        state = "running"
    elif host.failed:
        state = "failed"
    else:
        state = "starting" if attended else "dead"
    return HostStatus(
        instance=host.instance_id,
        region=host.region,
        rack=host.rack or host.release,
        address=host.address,
        state=state,
        note=host.note or (_failed_programs(host, folder) if state == "running" else ""),
    )


def _failed_programs(host: Host, folder: Path) -> str:
    try:
        text = (root(folder, host.instance_id) / PROGRAMS_FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    failed = [name for name, told in json.loads(text).items() if told["state"] == "failed"]
    return f"failed programs: {', '.join(failed)}" if failed else ""
