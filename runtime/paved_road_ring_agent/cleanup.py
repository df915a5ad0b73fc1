"""Removes from the own node what a growth gave to others, beside the agent's rounds.

Cassandra's operation answers when it is through, which takes hours. If the agent ends meanwhile,
the next one begins again: what is removed already costs little.
"""

import logging
import threading
from collections.abc import Callable

from paved_road_ring_agent.management import NodeSilentError

log = logging.getLogger("paved-road.agent")


class Cleanup:
    """At most one run at a time."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._done = False

    def step(self, run: Callable[[], None]) -> bool:
        """Begin unless it runs; true once, when it has ended well."""
        if self._thread is not None and self._thread.is_alive():
            return False
        if self._done:
            self._done = False
            return True
        self._thread = threading.Thread(target=self._go, args=(run,), daemon=True)
        self._thread.start()
        return False

    def _go(self, run: Callable[[], None]) -> None:
        try:
            run()
        except NodeSilentError as error:
            log.warning("cleanup failed and is begun again: %s", error)
        else:
            self._done = True
