"""Agents that answer for each other over HTTP, and what comes of those that do not."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.memory import Memory
from paved_road_ring_agent.observed import TableFacts
from paved_road_ring_agent.wordservice import WordService, ask_peers
from tests.agent.scenes import BIRTH, claim, claims, slot, table


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def telling(address: str, port: int, facts: TableFacts | None) -> Iterator[None]:
    service = WordService(address, lambda: facts, port=port)
    try:
        yield
    finally:
        service.close()


def test_peers_that_answer_are_heard_and_the_others_are_left_out() -> None:
    port, known = free_port(), table()
    later = table(claims({"a0": claim("a0", instance="i-new", epoch=2)}))
    with (
        telling("127.0.0.1", port, known),
        telling("127.0.0.2", port, later),
        telling("127.0.0.3", port, None),
    ):
        told = ask_peers([f"127.0.0.{n}" for n in range(1, 5)], known, port=port)
    assert sorted(told) == ["127.0.0.1", "127.0.0.2"]
    assert told["127.0.0.1"][slot("a0")].instance == "i-a0"
    assert told["127.0.0.2"][slot("a0")].epoch == 2


def test_a_peer_that_speaks_nonsense_or_nothing_holds_nobody_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert ask_peers(["127.0.0.1"], table(), port=silent.getsockname()[1]) == {}


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
