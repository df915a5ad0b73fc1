"""Drives a promotion through several regions, one at a time. AWS keeps the state of each."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from paved_road_delivery.cloud import Say
from paved_road_delivery.drive import MOST_WAIT_SECONDS, Driver
from paved_road_delivery.ladder import Ended, Promote, Retire, Rollback, Seen
from paved_road_delivery.ladder.guard import leftover
from paved_road_delivery.ladder.regions import (
    Back,
    Everywhere,
    Go,
    Halt,
    Progress,
    RegionSeen,
    Soak,
    next_region,
)
from paved_road_delivery.ladder.steps import Done, Refuse, Stop
from paved_road_delivery.observe import observe

REGION_SOAK = timedelta(hours=1)
"""Between two regions, unless asked otherwise."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def region_seen(seen: Seen, ask: Promote, why: str = "") -> RegionSeen:
    """How far a region is on the way that was asked for; `why` is what stopped it, if anything."""
    walk = seen.walk
    release = seen.release(ask.release)
    alarms = (*(release.alarms if release else ()), *seen.alarms)
    if walk is None or walk.candidate != ask.release:
        if seen.live.share(ask.release) == 100:
            return RegionSeen(name=seen.region, progress=Progress.ARRIVED, arrived=LONG_AGO)
        progress = Progress.WAITS
    elif walk.ended is Ended.ROLLED_BACK:
        if ask.again and not why:
            progress = Progress.WAITS
        else:
            return RegionSeen(
                name=seen.region, progress=Progress.ROLLED_BACK, why=walk.told, alarms=alarms
            )
    elif walk.ended or ask.until <= walk.reached < 100:
        return RegionSeen(
            name=seen.region, progress=Progress.ARRIVED, arrived=walk.since, alarms=alarms
        )
    else:
        progress = Progress.WALKS
    return RegionSeen(
        name=seen.region, progress=Progress.STOPPED if why else progress, why=why, alarms=alarms
    )


@dataclass
class RegionsWalk:
    """Of one service in `drivers`' regions, in that order.

    `soak` is between two regions. A region that fails goes back alone and ends the walk; with
    `all_back` those before it go back too.
    """

    drivers: Sequence[Driver]
    say: Say
    soak: timedelta = REGION_SOAK
    all_back: bool = False
    pause: Callable[[float], None] = time.sleep
    _told: dict[str, str] = field(default_factory=dict)

    def next(self, ask: Promote) -> Go | Back | Soak | Halt | Everywhere:
        """Look at all regions, and say what would be done: all of a dry run."""
        seen = [observe(driver.service) for driver in self.drivers]
        return next_region(
            [region_seen(one, ask, self._told.get(one.region, "")) for one in seen],
            datetime.now(UTC),
            soak=self.soak,
            all_back=self.all_back,
        )

    def run(self, ask: Promote) -> Done | Stop:
        """To the end, or to where a person is needed. May be ended and started again anywhere."""
        while True:
            step = self.next(ask)
            match step:
                case Everywhere():
                    self._tidy(ask)
                    names = ", ".join(driver.service.region for driver in self.drivers)
                    return Done(f"{ask.release} has {ask.until}% in {names}")
                case Halt(why):
                    self._tidy(ask)
                    return Stop(why)
                case Soak(region, until):
                    self.say(f"{region} soaks until {until:%H:%M} UTC before the next region")
                    left = (until - datetime.now(UTC)).total_seconds()
                    self.pause(max(0, min(MOST_WAIT_SECONDS, left)))
                case Back(regions, why):
                    for name in regions:
                        back = self._driver(name).run(Rollback(by=ask.by, why=why))
                        if not isinstance(back, Done):
                            return Stop(f"{name} could not go back: {back.why}")
                        self._told[name] = why
                case Go(region):
                    self.say(f"{region}: {ask.release}")
                    last = self._driver(region).run(ask)
                    if isinstance(last, Stop | Refuse):
                        self._told[region] = last.why

    def _tidy(self, ask: Promote) -> None:
        """A driver that died after its walk's end may have left a baseline."""
        for driver in self.drivers:
            if left := leftover(observe(driver.service)):
                driver.run(Retire(by=ask.by, why=ask.why, release=left, confirmed=True))

    def _driver(self, region: str) -> Driver:
        return next(one for one in self.drivers if one.service.region == region)
