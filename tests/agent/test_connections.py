"""Credentials that come late, as on an instance that is busy booting."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from paved_road_ring_agent import connections

ROLE = "/latest/meta-data/iam/security-credentials/"


@contextmanager
def metadata(failures: int) -> Iterator[str]:
    """A metadata service whose first answers are errors."""
    left = [failures]

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self._answer("token")

        def do_GET(self) -> None:
            if left[0]:
                left[0] -= 1
                self.send_error(500)
            elif self.path == ROLE:
                self._answer("node")
            else:
                given = {"Code": "Success", "Expiration": "2999-01-01T00:00:00Z"}
                names = ("AccessKeyId", "SecretAccessKey", "Token")
                self._answer(json.dumps(given | dict.fromkeys(names, "known")))

        def _answer(self, text: str) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_an_agent_waits_for_its_credentials_instead_of_going_on_blind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "PROFILE", "EC2_METADATA_DISABLED"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    connections._session.cache_clear()
    with metadata(failures=connections.METADATA_ATTEMPTS + 1) as address:
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", address)
        try:
            found = connections._session("us-east-1").get_credentials()
        finally:
            connections._session.cache_clear()
    assert found is not None
    assert found.access_key == "known"
