"""A service in one region at one moment: all that a decision may know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """Percent of the default traffic by release, those with none left out, and the cohort's.

    `shares` add up to 100, or are empty while no release is in service. `cohort` is the release
    that the named cohort sees; None if it is treated like everybody.
    """

    shares: Mapping[str, int] = field(default_factory=dict)
    cohort: str | None = None

    def share(self, release: str) -> int:
        """Percent of the default traffic."""
        return self.shares.get(release, 0)

    def serves(self, release: str) -> bool:
        """Whether anybody's request may reach the release here."""
        return self.share(release) > 0 or self.cohort == release

    @property
    def served(self) -> tuple[str, ...]:
        """Releases that any production request may reach."""
        return tuple(sorted({*self.shares, *([self.cohort] if self.cohort else [])}))

    def __str__(self) -> str:
        told = [f"{share}% {name}" for name, share in sorted(self.shares.items())]
        return ", ".join([*told, *([f"cohort {self.cohort}"] if self.cohort else [])]) or "nobody"


class Stack(StrEnum):
    """What a release's stack is at."""

    COMING = "being created"
    WHOLE = "complete"
    BROKEN = "broken"
    """Its creation failed."""
    GOING = "being deleted"
    STUCK = "stuck"
    """Its deletion failed, so another try takes a person."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """A standing release.

    Counts are instances: `healthy` in its target group, `registered` there in whatever health;
    `minimum` and `maximum` are its group's as they are live.
    `alarms` are those of its own that are on. `held_until` is when it may be retired.
    """

    name: str
    healthy: int
    registered: int
    minimum: int
    maximum: int
    alarms: tuple[str, ...] = ()
    stack: Stack = Stack.WHOLE
    held_until: datetime | None = None

    @property
    def whole(self) -> bool:
        """Whether its stack's creation is complete."""
        return self.stack is Stack.WHOLE


class Ended(StrEnum):
    """How a walk came to its end."""

    IN_SERVICE = "in service"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A candidate's way up, as AWS keeps it: written before its first step, noted after each.

    `full` is how many instances served when it began: what a release needs that takes everything,
    back too. `reached` is the percent that the tool last noted, `since` when; `cohort` whether
    the cohort was reached. `told` is why it ended. `begun` is when it began, for a candidate that
    had no users before: from then on its age counts. None for one that had.
    """

    candidate: str
    previous: str
    full: int
    since: datetime
    by: str
    why: str
    baseline: str | None = None
    reached: int = 0
    cohort: bool = False
    ended: Ended | None = None
    told: str = ""
    begun: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who works on the service, at what, and when that lapses unless it is renewed."""

    who: str
    doing: str
    since: datetime
    until: datetime


class Judged(StrEnum):
    """What the judge says about a candidate."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The judge's word on samples that begin at `since`."""

    candidate: str
    judged: Judged
    since: datetime
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was read at `now`, which carries its time zone.

    `live` is the rule's traffic, `recorded` the parameters'; `settled` says that the routing stack
    has resolved the parameters as they are. `alarms` are those of the service that are on, which
    callers notice whichever release answers.
    """

    service: str
    region: str
    now: datetime
    releases: tuple[Release, ...]
    live: Traffic
    recorded: Traffic
    settled: bool = True
    walk: Walk | None = None
    holder: Holder | None = None
    verdict: Verdict | None = None
    alarms: tuple[str, ...] = ()

    def release(self, name: str) -> Release | None:
        """A standing release by name."""
        return next((one for one in self.releases if one.name == name), None)

    @property
    def in_service(self) -> str | None:
        """The release with the most of the live traffic; None if nobody has any."""
        shares = self.live.shares
        return max(sorted(shares), key=lambda name: shares[name]) if shares else None

    @property
    def full(self) -> int:
        """Instances that all the traffic takes: as many as the walk began with, or more by now."""
        grown = [one.registered for one in self.releases if self.live.share(one.name) > 50]
        return max([self.walk.full if self.walk else 1, *grown])

    @property
    def under_way(self) -> Walk | None:
        """The walk that has not ended."""
        return self.walk if self.walk and self.walk.ended is None else None
