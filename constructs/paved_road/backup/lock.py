"""How long a backup cannot be deleted by anybody."""

from dataclasses import dataclass
from enum import StrEnum

from paved_road.faults import Faults


class LockMode(StrEnum):
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html."""

    GOVERNANCE = "GOVERNANCE"
    """Principals with a special permission may shorten it."""
    COMPLIANCE = "COMPLIANCE"
    """Nobody may, not even the account's root: choose with care."""


@dataclass(frozen=True)
class ObjectLock:
    """Every new object version is kept for `days`.

    35 days by default: a month's end and the days until somebody notices. Checked by the bucket.
    """

    days: int = 35
    mode: LockMode = LockMode.GOVERNANCE

    def check(self, faults: Faults) -> None:
        """Note periods that S3 refuses."""
        faults.check(
            1 <= self.days <= 36_500, "object_lock.days", "must be 1 to 36500 days", self.days
        )
