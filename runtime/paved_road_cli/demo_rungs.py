"""What callers met on each rung of a walk: pure figures from looks at a service and answers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from paved_road_delivery.ladder import Ended
from paved_road_lab.callers import Answer

LAG_SECONDS = 0.5
"""After a rule has changed: the lab's load balancers follow within a tenth of a second, and the
look that saw the change took a moment."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """The candidate's percent of the live traffic at one moment of the monotonic clock."""

    at: float
    percent: int


@dataclass(frozen=True, kw_only=True)
class RungMet:
    """A time in which a candidate was to have `percent` of the traffic.

    `measured` is the percent of answers that were its own, from when the move had arrived until the
    rung was last looked at; None if there were none. `requests` and `failed` are of all releases,
    until the next rung.
    """

    percent: int
    measured: float | None
    requests: int
    failed: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class WalkMet:
    """One release's walk: how it `ended` and `why`, in the walk's own words.

    `deploying` and `walking` are in seconds; `exposed` is how long any of the traffic was its own.
    """

    release: str
    ended: Ended | None
    why: str
    rungs: tuple[RungMet, ...]
    deploying: float
    walking: float

    @property
    def exposed(self) -> float:
        """Seconds in which users met it, before it served or was gone."""
        return round(sum(one.seconds for one in self.rungs if 0 < one.percent < 100), 1)


@dataclass(frozen=True, kw_only=True)
class ReleaseStory:
    """What the demo saw of releases. Without walks: what `stands` from an earlier run.

    `answered` and `failed` count requests by the release that answered.
    """

    service: str
    estate: str
    region: str
    stands: str
    good: WalkMet | None = None
    bad: WalkMet | None = None
    requests: int = 0
    seconds: float = 0
    answered: Mapping[str, int] | None = None
    failed: Mapping[str, int] | None = None

    @property
    def holds(self) -> bool:
        """Whether the good one serves, the bad one does not, and it alone failed anybody."""
        if self.good is None or self.bad is None:
            return True
        ended = (self.good.ended, self.bad.ended) == (Ended.IN_SERVICE, Ended.ROLLED_BACK)
        return ended and not (self.failed or {}).keys() - {self.bad.release}


def rungs_met(
    candidate: str, looks: Sequence[Look], answers: Sequence[Answer], ended: float
) -> tuple[RungMet, ...]:
    """One for each stay, in order; `ended` is when the last one was over."""
    stays = [list(looks) for _, looks in groupby(looks, key=lambda look: look.percent)]
    ends = [*(stay[0].at for stay in stays[1:]), ended]
    return tuple(_met(candidate, stay, end, answers) for stay, end in zip(stays, ends, strict=True))


def by_release(answers: Sequence[Answer]) -> dict[str, int]:
    """How many each release answered; under `nobody` those that none did."""
    return dict(sorted(Counter(one.release or "nobody" for one in answers).items()))


def _met(candidate: str, stay: Sequence[Look], end: float, answers: Sequence[Answer]) -> RungMet:
    first, last = stay[0], stay[-1]
    during = [one for one in answers if first.at <= one.began < end]
    sure = [one for one in during if first.at + LAG_SECONDS <= one.began <= last.at]
    own = sum(one.release == candidate for one in sure)
    return RungMet(
        percent=first.percent,
        measured=round(100 * own / len(sure), 1) if sure else None,
        requests=len(during),
        failed=sum(not one.good for one in during),
        seconds=round(end - first.at, 1),
    )
