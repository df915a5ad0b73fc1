"""Servers that stand for targets, at the addresses that the lab gave their instances."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """Says its name, its release and what it was sent. `health` is what checks get.

    Requests of `/slow` wait for `go`, and count in `waiting` meanwhile; `/broken` gets no answer.
    """

    daemon_threads = True

    def __init__(self, address: str, port: int, name: str) -> None:
        super().__init__((address, port), _Handler)
        self.name, self.health = name, 200
        self.go, self.waiting = threading.Event(), threading.Semaphore(0)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/health":
            self._answer(self.server.health)
        elif self.path == "/broken":
            self.close_connection = True
        else:
            body = body or b"nothing was sent"
            if self.path == "/slow":
                self.server.waiting.release()
                self.server.go.wait(60)
            self._answer(200, body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self.do_GET()

    def _answer(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("X-Name", self.server.name)
        self.send_header("X-Asked", f"{self.command} {self.path}")
        for name in ("Host", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Proto"):
            self.send_header(f"X-Got-{name}", self.headers.get(name, ""))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(address: str, port: int, name: str) -> Iterator[Server]:
    server = Server(address, port, name)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.go.set()
        server.shutdown()
        server.server_close()
        thread.join()
