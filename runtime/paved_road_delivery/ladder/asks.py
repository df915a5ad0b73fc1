"""What a person or an alarm may ask of a service's traffic."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Rung:
    """A stop on the way up: who sees the candidate, and what it must show before it goes on.

    At `percent` zero only testers see it, and the named cohort with `cohort`. `soak` is the
    shortest stay. `judged` asks for the judge's pass, about samples since the rung was reached.
    """

    percent: int
    soak: timedelta
    cohort: bool = False
    judged: bool = False

    @property
    def compares(self) -> bool:
        """Whether a baseline has the candidate's share here, so that the judge finds both alike."""
        return self.judged and 0 < 2 * self.percent < 100


LADDER = (
    Rung(percent=0, soak=timedelta(minutes=5)),
    Rung(percent=0, soak=timedelta(minutes=15), cohort=True),
    Rung(percent=1, soak=timedelta(minutes=10), cohort=True, judged=True),
    Rung(percent=5, soak=timedelta(minutes=10), cohort=True, judged=True),
    Rung(percent=25, soak=timedelta(minutes=15), cohort=True, judged=True),
    Rung(percent=100, soak=timedelta(minutes=30)),
)
"""Testers, a cohort, 1, 5, 25 and 100 percent. At 100 nothing is left to compare with."""

NO_COHORT = tuple(replace(rung, cohort=False) for rung in LADDER if rung.percent or not rung.cohort)
"""For services whose routing has no named cohort."""

HOLD = timedelta(days=7)
"""How long the old release stays at full capacity: a week has every hour of a week in it."""


@dataclass(frozen=True, kw_only=True)
class _Ask:
    """`by` is a person or an alarm, `why` goes into the audit trail."""

    by: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Promote(_Ask):
    """Walk `release` up the ladder as far as `until` percent.

    `baseline` names a release made from the template of the one in service, of the candidate's age
    and size; it gets the candidate's share on judged rungs. With `copies` the walk makes one
    itself, and ends it. `patience` is how long the judge may be undecided on a
    rung before the walk stops. `again` lets a release that was rolled back try once more.
    """

    release: str
    rungs: tuple[Rung, ...] = LADDER
    baseline: str | None = None
    copies: bool = False
    until: int = 100
    hold: timedelta = HOLD
    patience: timedelta = timedelta(hours=1)
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Shift(_Ask):
    """Give `release` that share, the rest to its counterpart; without a judge, by a person."""

    release: str
    percent: int


@dataclass(frozen=True, kw_only=True)
class Rollback(_Ask):
    """All traffic to where it was before the walk, or to the standing release `to`, at once.

    `tidies`: the walk's baseline is ended after that. Who may move traffic only leaves it.
    """

    to: str | None = None
    tidies: bool = True


@dataclass(frozen=True, kw_only=True)
class Hold(_Ask):
    """Keep a release at full capacity until then; None lets go of it."""

    release: str
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Retire(_Ask):
    """Delete a release that nobody needs. Without `confirmed`, say what would go."""

    release: str
    confirmed: bool = False


Ask = Promote | Shift | Rollback | Hold | Retire
