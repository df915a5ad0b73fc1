"""What a function's process runs, by path and by itself: `runtime.py CODE HANDLER SECONDS`.

The event comes on standard input. As on Lambda, boto3 is there and nothing else but the code: a
module of the library that comes from this checkout instead fails the call.
"""

import importlib
import json
import logging
import sys
import time
from pathlib import Path


class Context:
    """Of Lambda's what functions here use."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Until the process is killed."""
        return int(1000 * (self._until - time.monotonic()))


def main() -> None:
    """Call the handler; its answer is the last line."""
    code, handler, seconds = sys.argv[1:]
    sys.path.insert(0, code)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    module, _, name = handler.rpartition(".")
    answer = getattr(importlib.import_module(module), name)(
        json.load(sys.stdin), Context(float(seconds))
    )
    foreign = sorted(
        name
        for name, one in list(sys.modules.items())
        if name.startswith("paved_road")
        and not Path(getattr(one, "__file__", None) or code).is_relative_to(code)
    )
    if foreign:
        raise SystemExit(f"not in the function's code: {', '.join(foreign)}")
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
