"""What an agent last read in the table, on its data disk: for itself and for its peers."""

import json
import threading

from paved_road_ring_agent.layout import Layout, read_whole, write_whole
from paved_road_ring_agent.observed import TableFacts
from paved_road_ring_agent.words import from_memory, to_memory


class Memory:
    """Safe between the agent and the service that tells its peers."""

    def __init__(self, layout: Layout) -> None:
        self._file, self._lock = layout.known_file, threading.Lock()
        self._written: TableFacts | None = None

    def remember(self, facts: TableFacts) -> None:
        """Keep it, unless nothing of weight has changed. A table without a ring is no memory."""
        if facts.birth is None or (self._written and _weight(facts) == _weight(self._written)):
            return
        with self._lock:
            write_whole(self._file, to_memory(facts))
            self._written = facts

    def recall(self) -> TableFacts | None:
        """What was kept; nothing if the file is gone or no file of ours."""
        with self._lock:
            try:
                kept = read_whole(self._file)
                return None if kept is None else from_memory(kept)
            except (KeyError, TypeError, json.JSONDecodeError):
                return None


def _weight(facts: TableFacts) -> object:
    return facts.birth, {
        slot: (claim.instance, claim.epoch, claim.phase, claim.host_id, claim.address)
        for slot, claim in facts.claims.items()
    }
