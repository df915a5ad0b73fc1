"""One forming and one heal of each side: our ring in a lab, and Cassandra started by hand."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from cassandra.cluster import Cluster
from rich.console import Console

from bench.bare_ring import BareNode, BareRing, bare_ring, serves, wait
from paved_road_bundle.java import find_java
from paved_road_lab.trial import putting
from paved_road_ring_agent.facts import Birth, Slot
from paved_road_ring_agent.jvm import SHARED_KEYSPACES
from paved_road_ring_agent.management import Management
from paved_road_ring_agent.repair import repairs_before
from tests.lab.clients import TABLE, hold_keys, make_table, write
from tests.lab.living_ring import LivingRing, ring_lab
from tests.lab.networks import reserved_network
from tests.lab.software import software

RACKS = ("a", "b", "c")
DEFAULT_DELAY_MS = 30_000
REPLICATED = {f"cassandra.{keyspace}.default_rf": "3" for keyspace in SHARED_KEYSPACES}
"""As ours has it, so that both repair the same."""


@contextmanager
def our_ring(nodes: int) -> Iterator[LivingRing]:
    """Deployed, its instances still switched off."""
    with tempfile.TemporaryDirectory() as folder, ring_lab(Path(folder)) as living:
        living.deploy(nodes // len(RACKS))
        yield living


def begin(living: LivingRing, nodes: int, ring_delay_ms: int) -> float:
    """Seconds from switching our instances on until the ring serves."""
    began = time.monotonic()
    living.start_hosts(ring_delay_ms=ring_delay_ms)
    wait(lambda: all_serve(living, nodes))
    return time.monotonic() - began


def all_serve(living: LivingRing, count: int) -> bool:
    """Whether so many of our nodes stand and serve."""
    found = living.nodes()
    return len(found) == count and all(
        one.serves() and serves(one.management(), count) for one in found
    )


def form_ours(nodes: int) -> float:
    """Seconds."""
    with our_ring(nodes) as living:
        return begin(living, nodes, DEFAULT_DELAY_MS)


def form_peer(sizes: list[int], say: Console) -> dict[int, float]:
    """Seconds until each size was reached, on the way to the largest."""
    reached: dict[int, float] = {}
    with peers() as ring:
        began = time.monotonic()
        for number in range(1, max(sizes) + 1):
            ring.start(number, rack=number % len(RACKS), ring_delay_ms=DEFAULT_DELAY_MS)
            wait(ring.serves)
            reached[number] = time.monotonic() - began
            say.print(f"  by hand: {number} nodes after {reached[number]:.0f} s")
    return reached


@contextmanager
def peers() -> Iterator[BareRing]:
    """A bare ring without nodes."""
    with (
        tempfile.TemporaryDirectory() as folder,
        reserved_network() as octet,
        bare_ring(Path(folder), software(), str(find_java()), octet) as ring,
    ):
        yield ring


def heal_ours(ring_delay_ms: int, rows: int) -> float:
    """Seconds from the loss of one of three nodes until three serve."""
    with our_ring(3) as living:
        begin(living, 3, ring_delay_ms)
        wait(lambda: bool(living.vault.trust()))
        hold_keys(living)
        make_table(living.addresses())
        written = write(living.addresses(), range(rows))
        lost = living.nodes()[-1]
        began = time.monotonic()
        living.terminate(lost)
        wait(lambda: lost not in living.nodes() and all_serve(living, 3))
        took = time.monotonic() - began
        require(len(written) == rows, "not every row was written")
        return took


def found(ring: BareRing, birth: Birth, slots: list[Slot], ring_delay_ms: int) -> None:
    """Start a node of a rack for each slot, all at once and at its token, and wait for them."""
    for number, slot in enumerate(slots, start=1):
        ring.start(
            number,
            rack=number - 1,
            ring_delay_ms=ring_delay_ms,
            token=birth.token(slot),
            bootstrap=False,
            properties=REPLICATED,
        )
    wait(ring.serves)


def heal_peer(ring_delay_ms: int, rows: int) -> float:
    """The same by hand."""
    birth = Birth(incarnation="bench", racks=RACKS, base=1)
    slots = [Slot(data_center="bench", rack=rack, index=0) for rack in RACKS]
    with peers() as ring:
        found(ring, birth, slots, ring_delay_ms)
        fill(ring, rows)
        survivors = list(ring.nodes.values())[:2]
        began = time.monotonic()
        lost = ring.lose(3)
        wait(lambda: all(one.sees_down(lost.address) for one in survivors))
        for task in repairs_before(birth, slots, slots[2]):
            repair(survivors, task.start, task.end)
        ring.start(
            4,
            rack=2,
            ring_delay_ms=ring_delay_ms,
            token=birth.token(slots[2]),
            replaces=lost.address,
            properties=REPLICATED,
        )
        wait(ring.serves)
        return time.monotonic() - began


def fill(ring: BareRing, rows: int) -> None:
    """The same table and rows as ours."""
    cluster = Cluster([ring.address(1)], protocol_version=5)
    try:
        session = cluster.connect()
        session.execute(
            "CREATE KEYSPACE shop WITH replication = "
            "{'class': 'NetworkTopologyStrategy', 'bench': 3}"
        )
        session.execute(f"CREATE TABLE {TABLE} (id int PRIMARY KEY, item text)")
        put = putting(session, TABLE)
        for id in range(rows):
            put(id)
    finally:
        cluster.shutdown()


def repair(survivors: list[BareNode], start: int, end: int, *, pull: bool = False) -> None:
    """A full repair of one range among these, every keyspace, as the agents run it.

    With `pull` the first of two gets what it lacks of the other, and nothing goes back.
    """
    node = survivors[0].management
    hosts = tuple(one.address for one in survivors)
    begin = node.begin_pull if pull else node.begin_repair
    for keyspace in node.keyspaces():
        number = begin(keyspace, start, end, hosts)
        if number:
            wait(partial(_ended, node, number))
            state, word = node.repair_state(number)
            require(state == "COMPLETED", f"repair of {keyspace}: {word}")


def _ended(node: Management, number: int) -> bool:
    return node.repair_state(number)[0] != "IN_PROGRESS"


def require(true: bool, else_says: str) -> None:
    """A measurement of something else than was meant is none."""
    if not true:
        raise RuntimeError(else_says)
