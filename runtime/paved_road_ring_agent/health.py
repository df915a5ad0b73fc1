"""What a node is and does, over HTTP on loopback: for a person on the node, and for probes there.

curl -s http://127.0.0.1:7003/health
"""

import ipaddress
import json
import os
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from paved_road_ring_agent.journal import STALE_SECONDS, Entry, Journal

PORT_VARIABLE, PORT = "PAVED_ROAD_HEALTH_PORT", 7003
PATH = "/health"


def health(entry: Entry | None, now: float) -> tuple[HTTPStatus, Mapping[str, Any]]:
    """200 for a normal member of the ring whose agent goes its rounds, else 503, and the facts."""
    if entry is None:
        return HTTPStatus.SERVICE_UNAVAILABLE, {"healthy": False, "why": "no round was gone yet"}
    held, node, age = entry.held, entry.seen.cassandra, entry.age(now)
    faults = {
        f"the last round was {age:.0f} s ago": age > STALE_SECONDS,
        "the slot table cannot be reached": entry.seen.table is None,
        "it holds no slot": entry.seen.table is not None and held is None,
        "Cassandra does not run": not node.running,
        "Cassandra is not a normal member": node.running and not node.normal,
    }
    why = "; ".join(fault for fault, holds in faults.items() if holds)
    facts = {
        "healthy": not why,
        "why": why,
        "instance": entry.seen.me.instance,
        "software": entry.seen.me.software,
        "slot": held[0].subject if held else None,
        "epoch": held[1].epoch if held else None,
        "phase": held[1].phase if held else None,
        "action": type(entry.action).__name__,
        "reason": entry.action.reason,
        "last_round_seconds_ago": round(age, 1),
        "cassandra": {
            "running": node.running,
            "normal": node.normal,
            "epoch": node.epoch,
            "sees_down": sorted(one.address for one in node.members.values() if not one.alive),
        },
    }
    return HTTPStatus.SERVICE_UNAVAILABLE if why else HTTPStatus.OK, facts


def serve_health(journal: Journal, address: str, clock: Callable[[], float]) -> ThreadingHTTPServer:
    """Answer in a thread of its own until `shutdown`.

    On 127.0.0.1, or on the instance's own address where that is a loopback address too, as several
    nodes of one machine need. At port 7003 unless `PAVED_ROAD_HEALTH_PORT` says otherwise. Raises
    `OSError` if that is taken.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, facts = (
                health(journal.last, clock())
                if self.path == PATH
                else (HTTPStatus.NOT_FOUND, {"why": f"there is {PATH} and nothing else"})
            )
            body = json.dumps(facts).encode() + b"\n"
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *given: object) -> None:
            """Probes come every few seconds; the journal says what matters."""

    own = address if ipaddress.ip_address(address).is_loopback else "127.0.0.1"
    server = ThreadingHTTPServer((own, int(os.environ.get(PORT_VARIABLE, PORT))), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
