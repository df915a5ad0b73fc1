"""A fault that lasts is said when it begins and when it ends, not every second in between."""

import logging
from dataclasses import dataclass


@dataclass
class Standing:
    """One thing that works or does not. `again` is what is said when it works again."""

    log: logging.Logger
    again: str
    fault: str = ""

    def fails(self, kind: str, error: object) -> None:
        """It does not; said if it is of another kind than the last time."""
        if kind != self.fault:
            self.log.warning("%s: %s", kind, error)
        self.fault = kind

    def works(self) -> None:
        """It does; said if it did not."""
        if self.fault:
            self.log.info("%s", self.again)
        self.fault = ""
