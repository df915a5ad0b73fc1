"""The lab can't reach AWS."""

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from paved_road_lab.safety import environment, refuse_foreign, session, verify
from paved_road_lab.state import Lab, LabError

FAKE = "000012345678"


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers every path with the same body and remembers what was asked."""

    body: bytes = b""
    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(type(self).body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[tuple[Lab, type[Answer]]]:
    """Something else that listens where a lab was."""
    handler = type("Impostor", (Answer,), {"asked": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield (
            Lab(
                folder=tmp_path,
                port=server.server_port,
                account=FAKE,
                token="right",
                pid=1,
                started=0.0,
            ),
            handler,
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://sts.us-east-1.amazonaws.com",
        "http://sts.amazonaws.com:80",
        "http://localhost.amazonaws.com:5577",
        "http://127.0.0.1:5577",
        "https://localhost:5577",
        "http://localhost",
    ],
)
def test_any_endpoint_but_this_machine_by_name_is_refused(endpoint: str) -> None:
    with pytest.raises(LabError, match="talks to http://localhost:PORT only"):
        refuse_foreign(endpoint, FAKE)


@pytest.mark.parametrize("account", ["123456789012", "000112345678", "00001234567", ""])
def test_an_account_that_could_be_real_is_refused(account: str) -> None:
    with pytest.raises(LabError, match="could be real"):
        refuse_foreign("http://localhost:5577", account)


def test_a_missing_echo_is_refused_before_any_call(impostor: tuple[Lab, type[Answer]]) -> None:
    lab, handler = impostor
    for reach in (verify, environment, lambda lab: session(lab, "us-east-1")):
        with pytest.raises(LabError, match="says that it is the lab"):
            reach(lab)
    assert set(handler.asked) == {"/paved-road/lab"}


@pytest.mark.parametrize(
    "echo",
    [
        {"account": FAKE, "token": "wrong"},
        {"account": "000087654321", "token": "right"},
        {"account": FAKE},
    ],
)
def test_another_labs_echo_is_refused(
    impostor: tuple[Lab, type[Answer]], echo: dict[str, str]
) -> None:
    lab, handler = impostor
    handler.body = json.dumps(echo).encode()
    with pytest.raises(LabError, match="is another lab"):
        verify(lab)


def test_a_real_account_is_refused_even_if_it_is_echoed(
    impostor: tuple[Lab, type[Answer]],
) -> None:
    lab, handler = impostor
    handler.body = json.dumps({"account": "123456789012", "token": "right"}).encode()
    with pytest.raises(LabError, match="could be real"):
        verify(replace(lab, account="123456789012"))
    assert handler.asked == []


def test_nothing_of_the_callers_aws_settings_reaches_the_lab(
    impostor: tuple[Lab, type[Answer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab, handler = impostor
    handler.body = json.dumps({"account": FAKE, "token": "right"}).encode()
    inherited = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "real",
        "AWS_ENDPOINT_URL_S3": "https://s3.amazonaws.com",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "HTTPS_PROXY": "http://proxy:3128",
        "http_proxy": "http://proxy:3128",
    }
    for name, value in inherited.items():
        monkeypatch.setenv(name, value)
    made = environment(lab)
    assert not set(inherited.values()) & set(made.values())
    assert {name for name in made if name.startswith("AWS_ENDPOINT")} == {"AWS_ENDPOINT_URL"}
    assert made["AWS_ENDPOINT_URL"] == f"http://localhost:{lab.port}"
