"""Ours: the release that serves everybody turns bad, and traffic goes back to the one before.

By the delivery tool's own code in this process, by the command that people type, or by an alarm
with nobody there.
"""

import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench.turned_bad import Fault, Suffered
from paved_road_contract.stacks import Kind, release_name, stack_name
from paved_road_delivery.cloud import DeliveryError
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Ask, Promote, Rollback, Seen
from paved_road_delivery.ladder.asks import Rung
from paved_road_delivery.ladder.steps import Done
from paved_road_delivery.observe import observe
from paved_road_lab.alarms.settings import set_minute
from paved_road_lab.cloud import LabCloud
from tests.lab.callers import only
from tests.lab.living_services import LivingServices
from tests.lab.services_app import PLACE
from tests.waiting import until

OLD, NEW = (release_name(PLACE, number) for number in (1, 2))
UP = Promote(
    by="bench",
    why="the next time",
    release=NEW,
    rungs=(Rung(percent=100, soak=timedelta(0)),),
    again=True,
)
"""In one step: the way up is measured by nothing here."""

BACK = Rollback(by="bench", why="it turned bad")

QUICK_MINUTE, BY_HAND_MINUTE, BY_COMMAND_MINUTE = 1, 2, 5
"""Seconds of alarms' minute. Alarms want three bad ones in a row: the first is so short that one
can be waited for, the others so long that whoever goes back is done by then."""


@dataclass(frozen=True)
class Rollbacks:
    """Of a lab in which the fault's file turns the second release of place-order bad."""

    living: LivingServices
    fault: Fault

    def in_process(self) -> Suffered:
        """By the driver alone: no program is started between decision and first call."""
        self._serve(BY_HAND_MINUTE)
        bad, count = self.fault.begin()
        decided = self.fault.noticed(count)
        self._drive(BACK)
        return self.fault.over(count, bad, decided)

    def by_command(self) -> Suffered:
        """By `paved-road release rollback`, from the moment it is started."""
        self._serve(BY_COMMAND_MINUTE)
        argv = [sys.executable, "-c", "from paved_road_cli.main import main; main()", "release"]
        service = self.living.service()
        where = ("--estate", service.estate, "--region", service.region)
        bad, count = self.fault.begin()
        decided = self.fault.noticed(count)
        subprocess.run(
            [*argv, "rollback", PLACE, "--why", "it turned bad", *where],
            env=LabCloud(self.living.lab).environment,
            capture_output=True,
            check=True,
        )
        return self.fault.over(count, bad, decided)

    def by_alarm(self) -> Suffered:
        """By the function that an alarm starts. Decided is when the first alarm was on."""
        self._serve(QUICK_MINUTE)
        bad, count = self.fault.begin()
        on = until(self._first_alarm, every=0.05)
        decided = time.monotonic() - (time.time() - on)
        found = self.fault.over(count, bad, decided)
        until(lambda: (walk := observe(self.living.service()).walk) and walk.ended)
        return found

    def _serve(self, minute_seconds: int) -> None:
        """The second release has all the traffic, and no alarm has a bad minute behind it."""
        service, callers, calm = self.living.service(), self.fault.callers, 3 * minute_seconds + 1
        until(lambda: callers.answers and callers.answers[-1].ended > self.fault.last() + calm)
        set_minute(self.living.lab, minute_seconds)
        until(lambda: not (seen := observe(service)).alarms and not _sick(seen))
        self._drive(UP)
        only(callers, NEW)

    def _drive(self, ask: Ask) -> None:
        last = Driver(self.living.service(), lambda _: None).run(ask)
        if isinstance(last, Done):
            return
        raise DeliveryError(last.why)

    def _first_alarm(self) -> float | None:
        """When it was on, as a time of day."""
        service = self.living.service()
        release = stack_name(service.estate, service.region, Kind.RELEASE, NEW)
        pages: Any = service.client("cloudwatch").get_paginator("describe_alarms")
        times = [
            one["StateUpdatedTimestamp"].timestamp()
            for stack in (service.stack(Kind.SERVICE), release)
            for page in pages.paginate(AlarmNamePrefix=f"{stack}-", StateValue="ALARM")
            for one in page["MetricAlarms"]
        ]
        return min(times, default=None)


def _sick(seen: Seen) -> bool:
    found = seen.release(NEW)
    return bool(found is None or found.alarms)
