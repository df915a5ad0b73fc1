"""Networks of labs under test: addresses of hosts are the machine's, so each has its own."""

import random
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

RESERVED_PORT = 1339


@contextmanager
def reserved_network(octets: Sequence[int] = range(40, 100)) -> Iterator[int]:
    """The second octet of a network that no other lab under test on this machine has.

    Whoever holds one listens at an address of it that no subnet gives out.
    """
    for octet in random.SystemRandom().sample(octets, len(octets)):
        with socket.socket() as holder:
            try:
                holder.bind((f"127.{octet}.255.254", RESERVED_PORT))
            except OSError:
                continue
            yield octet
            return
    raise AssertionError(f"{len(octets)} labs are under test on this machine")
