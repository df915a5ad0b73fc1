"""Logs in to a node as any stranger might: CQL's own handshake over a socket, without a driver."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum

from paved_road_ring_agent.contract import NATIVE_PORT

STARTUP, READY, AUTHENTICATE, AUTH_RESPONSE, AUTH_SUCCESS = 0x01, 0x02, 0x03, 0x0F, 0x10
"""https://github.com/apache/cassandra/blob/trunk/doc/native_protocol_v4.spec"""


class Login(StrEnum):
    NO_PORT = "nothing listens"
    NO_HANDSHAKE = "TLS was refused"
    REFUSED = "the login was refused"
    LET_IN = "let in"


def login(address: str, user: str, password: str, *, seconds: float = 10) -> Login:
    """Whoever answers is trusted: what counts is whether it lets in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        plain = socket.create_connection((address, NATIVE_PORT), timeout=seconds)
    except OSError:
        return Login.NO_PORT
    with plain:
        try:
            with context.wrap_socket(plain, server_hostname=address) as secured:
                return _handshake(secured, user, password)
        except OSError:
            return Login.NO_HANDSHAKE


def _handshake(connection: ssl.SSLSocket, user: str, password: str) -> Login:
    name, version = b"CQL_VERSION", b"3.0.0"
    body = struct.pack(">H", 1) + b"".join(
        struct.pack(">H", len(one)) + one for one in (name, version)
    )
    greeting = _ask(connection, STARTUP, body)
    if greeting != AUTHENTICATE:
        return Login.LET_IN if greeting == READY else Login.REFUSED
    token = b"\0" + user.encode() + b"\0" + password.encode()
    answer = _ask(connection, AUTH_RESPONSE, struct.pack(">i", len(token)) + token)
    return Login.LET_IN if answer == AUTH_SUCCESS else Login.REFUSED


def _ask(connection: ssl.SSLSocket, opcode: int, body: bytes) -> int:
    connection.sendall(struct.pack(">BBhBi", 0x04, 0, 0, opcode, len(body)) + body)
    header = _read(connection, 9)
    _read(connection, struct.unpack(">i", header[5:])[0])
    return header[4]


def _read(connection: ssl.SSLSocket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        more = connection.recv(count - len(found))
        if not more:
            raise ConnectionResetError("closed")
        found += more
    return found


@contextlib.contextmanager
def stranger(addresses: Callable[[], list[str]]) -> Iterator[Counter[Login]]:
    """Tries Cassandra's default superuser on every node for as long as the block lasts."""
    tried: Counter[Login] = Counter()
    over = threading.Event()

    def keep_trying() -> None:
        while not over.is_set():
            for address in addresses():
                tried[login(address, "cassandra", "cassandra")] += 1
            time.sleep(0.1)

    thread = threading.Thread(target=keep_trying)
    thread.start()
    try:
        yield tried
    finally:
        over.set()
        thread.join()
