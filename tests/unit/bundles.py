"""Small locks, their files, and a repository on localhost that serves them."""

import hashlib
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from paved_road_bundle.lock import Artifact, Lock
from paved_road_bundle.wheels import ARCHITECTURES, Wheel, WheelLock


def content(name: str, size: int = 300_000) -> bytes:
    """Bytes that differ by name and place."""
    return (hashlib.sha256(name.encode()).digest() * (size // 32 + 1))[:size]


def artifact(name: str, body: bytes | None = None) -> Artifact:
    body = content(name) if body is None else body
    digest = hashlib.sha256(body).hexdigest()
    return Artifact(
        group="org.example", artifact=name, version="1.0", sha256=digest, size=len(body)
    )


def lock_of(*names: str) -> Lock:
    return Lock("5.0.9", tuple(artifact(name) for name in names))


@dataclass
class Repository:
    """Files by path, and what was asked: path and `Range`."""

    files: dict[str, bytes]
    knows_ranges: bool = True
    address: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    """Answers with these first; 0 breaks off in the middle of the body."""
    meeting: threading.Barrier | None = None
    """Answers only when so many ask at once."""

    @contextmanager
    def serving(self) -> Iterator["Repository"]:
        """Serve on a free port of localhost."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        self.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        repository = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, wanted = self.path.lstrip("/"), self.headers["Range"]
                repository.asked.append((path, wanted))
                if repository.meeting:
                    repository.meeting.wait(10)
                failure = repository.failures.pop(0) if repository.failures else None
                body = repository.files.get(path)
                if failure or body is None:
                    self._begin(failure or 404, {"Content-Length": "0"})
                    return
                start = 0
                if wanted and repository.knows_ranges:
                    match = re.fullmatch(r"bytes=(\d+)-", wanted)
                    assert match
                    start = int(match.group(1))
                    if start >= len(body):
                        self._begin(416, {"Content-Length": "0"})
                        return
                    span = f"bytes {start}-{len(body) - 1}/{len(body)}"
                    self._begin(
                        206, {"Content-Length": str(len(body) - start), "Content-Range": span}
                    )
                else:
                    self._begin(200, {"Content-Length": str(len(body))})
                rest = body[start:]
                self.wfile.write(rest[: len(rest) // 2] if failure == 0 else rest)

            def _begin(self, status: int, headers: Mapping[str, str]) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                """Quiet."""

        return Handler


def repository_of(lock: Lock, *, knows_ranges: bool = True) -> Repository:
    files = {one.path: content(one.artifact) for one in lock.artifacts}
    return Repository(files, knows_ranges=knows_ranges)


def wheel_lock(folder: Path) -> WheelLock:
    """One package with a wheel for each architecture; their files are in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    wheels = []
    for machine in ARCHITECTURES.values():
        file = f"driver-1.0-py3-none-manylinux_2_17_{machine}.whl"
        (folder / file).write_bytes(content(file))
        digest = hashlib.sha256(content(file)).hexdigest()
        wheels.append(
            Wheel(name="driver", version="1.0", machine=machine, sha256=digest, file=file)
        )
    lock = WheelLock(folder / "agent.lock", tuple(sorted(wheels)))
    lock.write()
    return lock
