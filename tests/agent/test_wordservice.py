"""Agents that answer for each other under TLS, and what comes of those that do not."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from paved_road_ring_agent.authority import Authority, first
from paved_road_ring_agent.certificates import Files, Subject, issue
from paved_road_ring_agent.jvm import free_port
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.memory import Memory
from paved_road_ring_agent.observed import TableFacts
from paved_road_ring_agent.wordservice import WordService, ask_peers
from tests.agent.scenes import BIRTH, claim, claims, slot, table

HERE = datetime.now(UTC)
RING, STRANGERS = first("orders", HERE), first("orders", HERE)


def papers(folder: Path, address: str, authority: Authority = RING) -> Files:
    """A node's certificate from an authority, on its disk."""
    subject = Subject(estate="acme", ring="orders", slot=slot("a0"), address=address)
    files = Files(folder / address)
    files.write(node=issue(authority, subject, HERE), trust=authority.trust())
    return files


@contextlib.contextmanager
def telling(
    address: str, port: int, facts: TableFacts | None, files: Files | None
) -> Iterator[None]:
    service = WordService(
        address,
        lambda: facts,
        lambda: files.context(ssl.Purpose.CLIENT_AUTH) if files else None,
        port=port,
    )
    try:
        yield
    finally:
        service.close()


def test_peers_that_answer_are_heard_and_the_others_are_left_out(tmp_path: Path) -> None:
    port, known = free_port(), table()
    later = table(claims({"a0": claim("a0", instance="i-new", epoch=2)}))
    asking = papers(tmp_path, "127.0.0.9").context(ssl.Purpose.SERVER_AUTH)
    with (
        telling("127.0.0.1", port, known, papers(tmp_path, "127.0.0.1")),
        telling("127.0.0.2", port, later, papers(tmp_path, "127.0.0.2")),
        telling("127.0.0.3", port, None, papers(tmp_path, "127.0.0.3")),
        telling("127.0.0.4", port, known, None),
    ):
        told = ask_peers([f"127.0.0.{n}" for n in range(1, 6)], known, asking, port=port)
    assert sorted(told) == ["127.0.0.1", "127.0.0.2"]
    assert told["127.0.0.1"][slot("a0")].instance == "i-a0"
    assert told["127.0.0.2"][slot("a0")].epoch == 2


def test_nobody_but_nodes_of_the_ring_is_answered_or_believed(tmp_path: Path) -> None:
    port, known = free_port(), table()
    asking = papers(tmp_path, "127.0.0.9").context(ssl.Purpose.SERVER_AUTH)
    foreign = papers(tmp_path, "127.0.0.8", STRANGERS)
    trusting = ssl.create_default_context(cadata=RING.trust())
    moved = papers(tmp_path / "moved", "127.0.0.5")
    with (
        telling("127.0.0.1", port, known, papers(tmp_path, "127.0.0.1")),
        telling("127.0.0.2", port, known, papers(tmp_path, "127.0.0.2", STRANGERS)),
        telling("127.0.0.3", port, known, moved),
    ):
        assert sorted(ask_peers(["127.0.0.1"], known, asking, port=port)) == ["127.0.0.1"]
        for stranger in (foreign.context(ssl.Purpose.SERVER_AUTH), trusting, None):
            assert ask_peers(["127.0.0.1"], known, stranger, port=port) == {}
        assert ask_peers(["127.0.0.2", "127.0.0.3"], known, asking, port=port) == {}


def test_a_peer_that_says_nothing_holds_nobody_up(tmp_path: Path) -> None:
    asking = papers(tmp_path, "127.0.0.9").context(ssl.Purpose.SERVER_AUTH)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert ask_peers(["127.0.0.1"], table(), asking, port=silent.getsockname()[1]) == {}


def test_memory_survives_the_agent_and_is_written_when_something_of_weight_changes(
    tmp_path: Path,
) -> None:
    layout = Layout(root=tmp_path, bundle=tmp_path)
    memory = Memory(layout)
    assert memory.recall() is None
    memory.remember(table())
    first = layout.known_file.stat().st_mtime_ns
    memory.remember(table(claims({"a0": claim("a0", renewed=2_000.0)})))
    assert layout.known_file.stat().st_mtime_ns == first
    changed = table(claims({"a0": claim("a0", epoch=2)}))
    memory.remember(changed)
    memory.remember(table({}, birth=None))
    assert Memory(layout).recall() == changed
    layout.known_file.write_text("{}")
    assert Memory(layout).recall() is None
    assert changed.birth == BIRTH
