"""One region after the other: a bad release meets one region's users, not all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Progress(StrEnum):
    """How far one region's walk is."""

    WAITS = "waits"
    WALKS = "walks"
    ARRIVED = "arrived"
    STOPPED = "stopped"
    """Undecided or refused; its traffic stays as it is."""
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, kw_only=True)
class RegionSeen:
    """A region in its place in the order. `arrived` is when its walk ended well; `why` if not."""

    name: str
    progress: Progress
    arrived: datetime | None = None
    alarms: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Go:
    """Take the region's own next step."""

    region: str


@dataclass(frozen=True)
class Back:
    """Roll these back; the next look says whether more is to do."""

    regions: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Soak:
    """The last region shows itself before the next one begins."""

    region: str
    until: datetime


@dataclass(frozen=True)
class Halt:
    """No further region without a person."""

    why: str


@dataclass(frozen=True)
class Everywhere:
    """All of them have arrived and soaked."""


def next_region(
    regions: Sequence[RegionSeen],
    now: datetime,
    *,
    soak: timedelta = timedelta(hours=1),
    all_back: bool = False,
) -> Go | Back | Soak | Halt | Everywhere:
    """What happens next, `regions` being in the order in which they are walked.

    A region that fails stops the walk and goes back alone; the ones before it stay, for they were
    judged by their own users. `all_back` takes those back as well. A region that arrived and is in
    alarm during its soak goes back too. `soak` is an hour by default: a start of day seldom lies
    in it, so give more where regions have different peaks.
    """
    for place, region in enumerate(regions):
        earlier = regions[:place]
        if region.progress is Progress.ARRIVED:
            over = (region.arrived or now) + soak
            if over <= now:
                continue
            if region.alarms:
                why = f"{region.name} is in alarm after its walk: {', '.join(region.alarms)}"
                return Back((region.name,), why)
            return Soak(region.name, over)
        if region.progress is Progress.ROLLED_BACK:
            return _stopped(region, earlier, regions[place + 1 :], all_back=all_back)
        if region.progress is Progress.STOPPED:
            return Halt(f"{region.name} stopped: {region.why}")
        return Go(region.name)
    return Everywhere()


def _stopped(
    failed: RegionSeen,
    earlier: Sequence[RegionSeen],
    later: Sequence[RegionSeen],
    *,
    all_back: bool,
) -> Back | Halt:
    if all_back and (standing := [r.name for r in earlier if r.progress is Progress.ARRIVED]):
        return Back(tuple(standing), f"{failed.name} failed: {failed.why}")
    stay = ", ".join(r.name for r in earlier if r.progress is Progress.ARRIVED)
    untouched = ", ".join(r.name for r in later if r.progress is Progress.WAITS)
    back = [r for r in (failed, *later) if r.progress is Progress.ROLLED_BACK]
    return Halt(
        ", ".join(f"{one.name} was rolled back ({one.why})" for one in back)
        + (f"; {stay} keeps the new release" if stay else "")
        + (f"; {untouched} was not touched" if untouched else "")
    )
