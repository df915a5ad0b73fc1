"""How far this machine's clock may be off: last write wins by clock, so skew loses writes."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from paved_road_ring_agent.layout import Layout

LIMIT_MILLISECONDS = 100.0
"""A node whose clock may be further off does not start; while it runs, an alarm says so. Amazon's
time service keeps clocks within a millisecond, so more means that it is not followed.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html
"""

TRACKING = ("chronyc", "-c", "tracking")
ANSWER_SECONDS = 5
OFFSET, DELAY, DISPERSION, LEAP = 4, 10, 11, 13
"""Fields of `chronyc -c tracking`, in the order of its report.
https://chrony-project.org/doc/4.5/chronyc.html
"""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """`offset_milliseconds` is the most that it can be off; `synchronised`: whether it is kept."""

    synchronised: bool
    offset_milliseconds: float

    @classmethod
    def from_tracking(cls, line: str) -> "Clock":
        """Reads what chrony reports; `ValueError` if that is something else.

        The most it can be off: what is left to correct, the root dispersion, and half of the delay.
        https://aws.amazon.com/blogs/mt/manage-amazon-ec2-instance-clock-accuracy-using-amazon-time-sync-service-and-amazon-cloudwatch-part-1/
        """
        fields = line.strip().split(",")
        if len(fields) <= LEAP:
            raise ValueError(f"chronyc reported {line.strip()!r}, which is no tracking report")
        offset, delay, dispersion = (float(fields[at]) for at in (OFFSET, DELAY, DISPERSION))
        return cls(
            synchronised=fields[LEAP] != "Not synchronised",
            offset_milliseconds=1_000 * (abs(offset) + dispersion + delay / 2),
        )

    @property
    def fault(self) -> str:
        """Why no node may start by this clock; empty if one may."""
        if not self.synchronised:
            return "the clock is not synchronised"
        if self.offset_milliseconds > LIMIT_MILLISECONDS:
            return (
                f"the clock may be off by {self.offset_milliseconds:.0f} ms, and "
                f"{LIMIT_MILLISECONDS:.0f} ms are allowed"
            )
        return ""


def read_clock(layout: Layout, tracking: Sequence[str] = TRACKING) -> Clock | None:
    """What chrony says; None if it cannot be asked.

    A node below a folder shares the clock of its machine and of all its peers, so there is nothing
    to ask: its clock is what `layout.clock_file` says, in chrony's words, or exact.
    """
    try:
        if not layout.is_machine:
            if not layout.clock_file.exists():
                return Clock(synchronised=True, offset_milliseconds=0.0)
            return Clock.from_tracking(layout.clock_file.read_text(encoding="ascii"))
        answer = subprocess.run(
            tracking, capture_output=True, text=True, timeout=ANSWER_SECONDS, check=True
        )
        return Clock.from_tracking(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
