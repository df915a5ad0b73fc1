"""Agents answer for each other: one read-only page on the node's own address, and who reads it.

Both sides prove with their certificates that they are nodes of the ring; the security group admits
nobody else either.
"""

import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import urllib3

from paved_road_ring_agent.contract import WORD_PORT
from paved_road_ring_agent.facts import Slot
from paved_road_ring_agent.observed import TableFacts, Word
from paved_road_ring_agent.words import Telling

PATH = "/words"
ANSWER_SECONDS = 2.0
LONGEST = 4 * 2**20
"""Of an answer: a thousand slots take a fraction of it."""
ASKED_AT_ONCE = 32

log = logging.getLogger("paved-road.words")


class WordService(ThreadingHTTPServer):
    """Tells peers what `recall` gives, until closed. Raises `OSError` if it can't listen.

    `secured` is asked for each connection, as certificates change while an agent runs; without one
    nobody is answered.
    """

    daemon_threads = True

    def __init__(
        self,
        address: str,
        recall: Callable[[], TableFacts | None],
        secured: Callable[[], ssl.SSLContext | None],
        port: int = WORD_PORT,
    ) -> None:
        super().__init__((address, port), _Handler)
        self.recall, self._secured = recall, secured
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)
        self._thread.start()

    def get_request(self) -> tuple[socket.socket, Any]:
        """The next connection, under TLS."""
        connection, caller = super().get_request()
        try:
            context = self._secured()
            if context is None:
                raise ConnectionRefusedError("this node has no certificate yet")
            # The handshake is the connection's own thread's: a silent peer must not hold others.
            return context.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            ), caller
        except OSError as error:
            connection.close()
            log.debug("%s is not answered: %s", caller, error)
            raise

    def handle_error(self, *connection: object) -> None:
        """A caller that is no node of the ring, or that went away, is not this agent's fault."""
        log.debug("not answered: %s", connection, exc_info=True)

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    timeout = 5
    server: WordService

    def do_GET(self) -> None:
        known = self.server.recall()
        if self.path != PATH or known is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        body = Telling.of(known).to_json().encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        log.debug(format, *args)


def ask_peers(
    addresses: Iterable[str],
    known: TableFacts,
    context: ssl.SSLContext | None,
    port: int = WORD_PORT,
) -> dict[str, dict[Slot, Word]]:
    """What the agents at these addresses say, all asked at once; silent ones are left out.

    Without a `context` nobody is asked: no agent answers a stranger.
    """
    if context is None:
        log.info("peers are not asked: this node has no certificate yet")
        return {}
    pool = urllib3.PoolManager(retries=False, ssl_context=context, timeout=ANSWER_SECONDS)

    def ask(address: str) -> dict[Slot, Word] | None:
        try:
            answer = pool.request("GET", f"https://{address}:{port}{PATH}", preload_content=False)
            text = answer.read(LONGEST).decode()
            answer.release_conn()
            return Telling.from_json(text).about(known) if answer.status == HTTPStatus.OK else None
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            log.debug("%s does not answer: %s", address, error)
            return None

    asked = list(addresses)
    with ThreadPoolExecutor(max_workers=ASKED_AT_ONCE) as several:
        told = dict(zip(asked, several.map(ask, asked), strict=True))
    return {address: facts for address, facts in told.items() if facts is not None}
