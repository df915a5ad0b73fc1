"""`python -m paved_road_lab.alarms.daemon --folder .lab --regions us-east-1`.

Started by the hosts' daemon, and ended with it: without hosts nobody measures anything.
"""

import logging
import signal
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_lab.alarms.evaluate import Looked, look
from paved_road_lab.alarms.model import MINUTE, alarm, fault
from paved_road_lab.alarms.windows import Window, measured, queries, window
from paved_road_lab.balancers.meter import NAMESPACE
from paved_road_lab.beside import begin, starter_lives
from paved_road_lab.cloud import LabCloud
from paved_road_lab.functions.events import Rule, alarm_changed, not_delivered, reached, rules
from paved_road_lab.functions.invoke import Functions
from paved_road_lab.safety import ask
from paved_road_lab.server import ALARMS_PATH
from paved_road_lab.state import LabError

LOOK_SECONDS = 0.3
"""How often the emulator is asked whether there is anything new."""

log = logging.getLogger("alarms")


def main() -> None:
    """Run until terminated, or until whoever started it is gone."""
    lab, regions = begin("paved_road_lab.alarms.daemon", __doc__)
    ended, needed = threading.Event(), starter_lives()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    evaluator = Evaluator(LabCloud(lab), regions)
    while not ended.wait(LOOK_SECONDS) and needed():
        try:
            evaluator.round(time.time())
        except (BotoCoreError, ClientError, LabError, OSError) as error:
            log.warning("the emulator does not answer: %s", error)


class Evaluator:
    """Looks at the alarms of some regions, sets their states, and starts whom rules tell of it."""

    def __init__(self, cloud: LabCloud, regions: Sequence[str]) -> None:
        self._cloud, self._regions = cloud, sorted(regions)
        self._looked_until: dict[tuple[str, str], int] = {}
        self._said: dict[str, Any] | None = None
        self._minute_seconds = MINUTE

    def round(self, now: float) -> None:
        """Look at each alarm of which a new period is known, and say what cannot be looked at."""
        told = ask(self._cloud.lab, f"{ALARMS_PATH}?namespace={NAMESPACE}")
        self._minute_seconds = told["minute_seconds"]
        faults: Counter[str] = Counter()
        idle: Counter[str] = Counter()
        for region in self._regions:
            followed = [*rules(self._client(region, "events"))]
            faults += self._look(region, now, told["newest"].get(region), followed)
            idle += not_delivered(followed)
        self._say(
            {
                "regions": self._regions,
                "not_evaluated": dict(faults),
                "not_delivered": dict(idle),
            }
        )

    def _say(self, saying: dict[str, Any]) -> None:
        if saying != self._said:
            ask(self._cloud.lab, ALARMS_PATH, saying)
            self._said = saying

    def _look(
        self, region: str, now: float, newest: int | None, followed: Sequence[Rule]
    ) -> Counter[str]:
        faults: Counter[str] = Counter()
        windows = []
        pages = self._client(region).get_paginator("describe_alarms").paginate()
        for one in (alarm(each) for page in pages for each in page["MetricAlarms"]):
            if why := fault(one):
                faults[why] += 1
                continue
            found = window(one, now=now, newest=newest, minute_seconds=self._minute_seconds)
            if self._looked_until.get((region, one.name)) != found.end:
                windows.append(found)
        answers = self._answers(region, windows)
        for found, values in zip(windows, measured(windows, answers), strict=True):
            self._set(region, found, look(found.alarm, values), followed)
            self._looked_until[region, found.alarm.name] = found.end
        return faults

    def _answers(self, region: str, windows: Sequence[Window]) -> dict[str, dict[int, float]]:
        if not windows:
            return {}
        answer = self._client(region).get_metric_data(
            MetricDataQueries=queries(windows),
            StartTime=datetime.fromtimestamp(min(one.start for one in windows), UTC),
            EndTime=datetime.fromtimestamp(max(one.end for one in windows), UTC),
        )
        return {
            one["Id"]: {
                int(when.timestamp()): value
                for when, value in zip(one["Timestamps"], one["Values"], strict=True)
            }
            for one in answer["MetricDataResults"]
        }

    def _set(self, region: str, found: Window, looked: Looked, followed: Sequence[Rule]) -> None:
        if looked.state is found.alarm.state:
            return
        log.info("%s is %s: %s", found.alarm.name, looked.state, looked.why)
        self._client(region).set_alarm_state(
            AlarmName=found.alarm.name, StateValue=looked.state.value, StateReason=looked.why
        )
        event = alarm_changed(
            account=self._cloud.lab.account,
            region=region,
            alarm=found.alarm.name,
            state=looked.state.value,
            before=found.alarm.state.value,
            why=looked.why,
        )
        functions = Functions(cloud=self._cloud, region=region)
        for arn in reached(event, followed):
            log.info("%s starts %s", found.alarm.name, arn)
            # Nobody waits for a function: alarms are looked at meanwhile.
            threading.Thread(
                target=functions.invoke,
                args=(arn, event),
                kwargs={"minute_seconds": self._minute_seconds},
                daemon=True,
            ).start()

    def _client(self, region: str, service: str = "cloudwatch") -> Any:  # noqa: ANN401 - boto3's
        return self._cloud.client(service, region)


if __name__ == "__main__":
    main()
