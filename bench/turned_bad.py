"""What callers suffer from a version that serves everybody and turns bad.

The figures are the callers' own: a process beside the bench that asks and waits for answers.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from paved_road_lab.callers import Answer, Callers
from tests.waiting import until

NOTICED = 10
"""Bad answers after which somebody decides to go back, where no alarm does."""

CALM = 200
"""Good answers in a row after the last bad one."""


@dataclass(frozen=True, kw_only=True)
class Suffered:
    """Of one time. `detection` is from turning bad to the decision to go back, `action` from there
    to the last bad answer, in seconds; `failed` are bad answers, `late` those after the decision.
    """  # noqa: D205 - one sentence says it

    detection: float
    action: float
    failed: int
    late: int


def suffered(answers: Sequence[Answer], bad: float, decided: float) -> Suffered:
    """From what callers heard since `bad`, the moment in which the version turned."""
    failed = [one.ended for one in answers if not one.good and one.ended >= bad]
    last = max(failed, default=decided)
    return Suffered(
        detection=decided - bad,
        action=max(0.0, last - decided),
        failed=len(failed),
        late=sum(one >= decided for one in failed),
    )


@dataclass(frozen=True)
class Fault:
    """What lets the version turn bad: `file`, which it looks for at each request."""

    file: Path
    callers: Callers

    def begin(self) -> tuple[float, int]:
        """When it turned, and how many answers there were."""
        now, count = time.monotonic(), len(self.callers.answers)
        self.file.touch()
        return now, count

    def noticed(self, since: int) -> float:
        """When somebody who watches had seen enough."""
        seen = self.callers.answers
        until(lambda: sum(not one.good for one in seen[since:]) >= NOTICED, every=0.01)
        return time.monotonic()

    def last(self) -> float:
        """When the last bad answer came; long ago if none did."""
        return next((one.ended for one in reversed(self.callers.answers) if not one.good), 0.0)

    def over(self, since: int, bad: float, decided: float) -> Suffered:
        """Wait until callers are calm, and mend the version that nobody calls any more."""
        answers = self.callers.answers
        begun = time.monotonic()
        until(
            lambda: (
                len(answers) >= CALM
                and all(one.good and one.began > begun for one in answers[-CALM:])
            ),
        )
        self.file.unlink()
        return suffered(answers[since:], bad, decided)


def percentile(values: Sequence[float], percent: float) -> float:
    """By nearest rank: of fifty values the 99th percentile is the largest."""
    return sorted(values)[max(0, math.ceil(percent / 100 * len(values)) - 1)]
