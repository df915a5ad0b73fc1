"""The own node's view of the ring, by its virtual table of gossip."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from paved_road_ring_agent.observed import Member, Status

SILENCE_SECONDS = 15.0
"""How long a heartbeat may stand still; Cassandra's own failure detector waits for about ten."""


@dataclass
class Pulse:
    """Remembers when each node's heartbeat last moved; gossip's table says only where it stands."""

    _last: dict[str, tuple[tuple[int, int], float]] = field(default_factory=dict)

    def members(self, rows: Iterable[Mapping[str, Any]], now: float) -> dict[str, Member]:
        """Members by host id from rows of `system_views.gossip_info`."""
        found: dict[str, Member] = {}
        for row in rows:
            if not row.get("host_id"):
                continue
            status, token = _status(row.get("status_with_port") or row.get("status") or "")
            beat = (int(row["generation"]), int(row["heartbeat"]))
            address = str(row["address"])
            known = self._last.get(address)
            if known is None or known[0] != beat:
                self._last[address] = (beat, now)
            silent = now - self._last[address][1]
            found[str(row["host_id"])] = Member(
                address=address,
                host_id=str(row["host_id"]),
                status=status,
                alive=silent < SILENCE_SECONDS and not _says_shutdown(row),
                token=token,
            )
        return found


def _status(text: str) -> tuple[Status, int | None]:
    """`NORMAL,-9223372036854775000`, `BOOT_REPLACE,10.0.0.1:7000`, `shutdown,true`, ..."""
    word, _, rest = text.partition(",")
    if word == "NORMAL":
        return Status.NORMAL, int(rest) if rest.lstrip("-").isdigit() else None
    if word in {"BOOT", "BOOT_REPLACE", "NEW", ""}:
        return Status.JOINING, None
    return (Status.NORMAL, None) if word == "shutdown" else (Status.LEFT, None)


def _says_shutdown(row: Mapping[str, Any]) -> bool:
    return (row.get("status_with_port") or row.get("status") or "").startswith("shutdown")
