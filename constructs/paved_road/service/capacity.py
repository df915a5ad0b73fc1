"""How many instances a release may have, and what makes it want more."""

from dataclasses import dataclass

from paved_road.faults import Faults


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Between `minimum` and `maximum` instances, aiming at both targets at once.

    `requests_per_minute_per_target` is what one instance serves comfortably: measure it.
    `cpu_percent` (60 by default) leaves room for a lost zone: two zones at 90% carry three at 60.
    Checked by the release that takes it.
    """

    minimum: int
    maximum: int
    requests_per_minute_per_target: int
    cpu_percent: int = 60

    def check(self, faults: Faults) -> None:
        """Note sizes and targets that cannot be."""
        faults.check(
            self.minimum >= 1, "capacity.minimum", "must be at least 1 instance", self.minimum
        )
        faults.check(
            self.maximum >= self.minimum,
            "capacity.maximum",
            f"must be at least capacity.minimum ({self.minimum})",
            self.maximum,
        )
        faults.check(
            self.requests_per_minute_per_target >= 1,
            "capacity.requests_per_minute_per_target",
            "must be at least 1",
            self.requests_per_minute_per_target,
        )
        faults.check(
            1 <= self.cpu_percent <= 90,
            "capacity.cpu_percent",
            "must be between 1 and 90",
            self.cpu_percent,
        )
