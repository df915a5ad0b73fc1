"""Long work beside the agent's rounds: a cleanup, a disk that is filled from a backup.

It takes hours, and fencing, renewals and drains must not wait. If the agent ends meanwhile, the
next one begins again: what is done already costs little.
"""

import logging
import threading
from collections.abc import Callable

log = logging.getLogger("paved-road.agent")


class Beside:
    """At most one run at a time, of `what`, which may end in one of `failures`."""

    def __init__(self, what: str, *failures: type[Exception]) -> None:
        self._what, self._failures = what, failures
        self._thread: threading.Thread | None = None
        self._done = False
        self.fault = ""
        """How the last run failed; empty if it did not."""

    @property
    def runs(self) -> bool:
        """Whether one is under way."""
        return self._thread is not None and self._thread.is_alive()

    def step(self, run: Callable[[], object]) -> bool:
        """Begin unless it runs; true once, when it has ended well."""
        if self.runs:
            return False
        if self._done:
            self._done = False
            return True
        self.fault = ""
        self._thread = threading.Thread(target=self._go, args=(run,), daemon=True)
        self._thread.start()
        return False

    def _go(self, run: Callable[[], object]) -> None:
        try:
            run()
        except self._failures as error:
            log.warning("%s failed and is begun again: %s", self._what, error)
            self.fault = str(error)
        except Exception as error:
            log.exception("%s failed in a way that nobody foresaw", self._what)
            self.fault = f"{type(error).__name__}: {error}"
        else:
            self._done = True
