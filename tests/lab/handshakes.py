"""What a node shows of itself to whoever connects: in plain text, under old TLS, under TLS."""

import socket
import ssl
import struct
from pathlib import Path
from typing import Any

from paved_road_ring_agent.contract import NATIVE_PORT

OPTIONS_FRAME = struct.pack(">BBhBi", 0x04, 0, 0, 0x05, 0)


def answer_in_plain_text(address: str, port: int) -> bytes:
    """The beginning of what comes back when somebody speaks CQL without TLS."""
    with socket.create_connection((address, port), timeout=10) as plain:
        plain.sendall(OPTIONS_FRAME)
        try:
            return plain.recv(9)
        except ConnectionResetError:
            return b""


def speak_old_tls(address: str) -> None:
    """Shake hands by TLS 1.0 or 1.1; raises what a node does about it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with socket.create_connection((address, NATIVE_PORT), timeout=10) as plain:
        context.wrap_socket(plain)


def presented(address: str, port: int, trust: str, certificate: Path | None = None) -> Any:
    """The certificate that a node shows on a new connection, as Python's `getpeercert` tells it.

    Reads one byte too: with TLS 1.3 a server that wants a certificate says no after the handshake.
    """
    context = ssl.create_default_context(cadata=trust)
    if certificate is not None:
        context.load_cert_chain(certificate)
    with (
        socket.create_connection((address, port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=address) as secured,
    ):
        secured.settimeout(2)
        try:
            if secured.recv(1) == b"":
                raise ConnectionResetError("closed")
        except TimeoutError:
            pass
        return secured.getpeercert()


def serial(
    address: str, trust: str, port: int = NATIVE_PORT, certificate: Path | None = None
) -> str:
    return str(presented(address, port, trust, certificate)["serialNumber"])
