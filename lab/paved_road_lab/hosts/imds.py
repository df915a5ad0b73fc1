"""An instance's metadata service (IMDSv2 only), on its own loopback address."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from paved_road_lab.hosts.metadata import Metadata, Tokens

IMDS_PORT = 1338
"""Every host has its address to itself, so all may have the same port. 80 would need root."""

TOKEN_PATH = "/latest/api/token"  # noqa: S105 - a path
TOKEN_HEADER = "X-aws-ec2-metadata-token"  # noqa: S105 - a header's name
TTL_HEADER = "X-aws-ec2-metadata-token-ttl-seconds"


class MetadataService(ThreadingHTTPServer):
    """Serves one instance's metadata until it is closed. Raises `OSError` if it can't listen."""

    daemon_threads = True

    def __init__(self, metadata: Metadata) -> None:
        super().__init__((metadata.instance.address, IMDS_PORT), _Handler)
        self.metadata, self.tokens = metadata, Tokens()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.2,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    """PUT for a token, GET with one; anything else is refused."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    """Of a connection that asks nothing: its thread ends."""

    server: MetadataService

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path != TOKEN_PATH:
            self._answer(HTTPStatus.NOT_FOUND)
        elif "X-Forwarded-For" in self.headers:
            # EC2 does the same: nobody gets a token through an open proxy.
            self._answer(HTTPStatus.FORBIDDEN)
        else:
            ttl = self.headers.get(TTL_HEADER)
            token = self.server.tokens.issue(ttl)
            if token:
                self._answer(HTTPStatus.OK, token, {TTL_HEADER: ttl or ""})
            else:
                self._answer(HTTPStatus.BAD_REQUEST)

    def do_GET(self) -> None:
        if not self.server.tokens.admit(self.headers.get(TOKEN_HEADER)):
            self._answer(HTTPStatus.UNAUTHORIZED)
            return
        try:
            found = self.server.metadata.read(self.path)
        except Exception:
            self._answer(HTTPStatus.INTERNAL_SERVER_ERROR)
            raise
        if found is None:
            self._answer(HTTPStatus.NOT_FOUND)
        else:
            self._answer(HTTPStatus.OK, found)

    def _answer(
        self, status: HTTPStatus, body: str = "", headers: dict[str, str] | None = None
    ) -> None:
        content = body.encode()
        self.send_response(status)
        for name, value in {"Content-Type": "text/plain", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:  # noqa: ANN401 - the base class's
        """Requests are many and say nothing; faults are raised and logged."""
