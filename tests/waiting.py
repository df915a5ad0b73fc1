"""How tests wait: for what will happen, never for time to pass."""

import time
from collections.abc import Callable
from typing import Any


def until(true: Callable[[], Any], seconds: float = 120, every: float = 0.2) -> Any:
    """What `true` returns once that is something; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"{true} did not happen within {seconds} s"
        time.sleep(every)
    return found
