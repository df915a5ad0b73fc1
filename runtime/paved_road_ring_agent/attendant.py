"""What goes on beside an agent's rounds, however long one takes: metrics, heartbeats, health."""

import logging
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_ring_agent.cloud import Cloud
from paved_road_ring_agent.connections import client
from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.gauges import BackupGauges, gauges
from paved_road_ring_agent.health import serve_health
from paved_road_ring_agent.hooks import BEAT_SECONDS, to_keep_waiting
from paved_road_ring_agent.journal import Journal
from paved_road_ring_agent.layout import Layout
from paved_road_ring_agent.metric_names import METRICS
from paved_road_ring_agent.metrics import metric_data, newly_dropped

PUBLISH_SECONDS = 60.0
LOOK_SECONDS = 5.0

log = logging.getLogger("paved-road.attendant")


@dataclass(kw_only=True)
class Attendant:
    """Has its duties, each in its own time, and writes nothing that an agent decides by.

    `backups` says how they stand at a time; None where nobody makes any.
    """

    node: NodeFile
    layout: Layout
    cloud: Cloud
    journal: Journal
    cloudwatch: Any
    clock: Callable[[], float]
    backups: Callable[[float], BackupGauges] | None = None
    _published: float = field(default=-math.inf, init=False)
    _dropped: int | None = field(default=None, init=False)
    _beaten: float = field(default=-math.inf, init=False)

    def tick(self) -> None:
        """Do what is due. A call that fails is made again at the next tick."""
        now = self.clock()
        for duty in (self._keep_waiting, self._publish):
            try:
                duty(now)
            except (BotoCoreError, ClientError) as error:
                log.warning("%s failed: %s", duty.__name__.strip("_"), error)

    def _keep_waiting(self, now: float) -> None:
        entry = self.journal.last
        group = to_keep_waiting(entry, now)
        if entry is not None and group and now - self._beaten >= BEAT_SECONDS:
            self.cloud.keep_waiting(group, entry.seen.me.instance)
            self._beaten = now

    def _publish(self, now: float) -> None:
        if now - self._published < PUBLISH_SECONDS:
            return
        backups = self.backups(now) if self.backups else None
        found = gauges(self.layout, self.journal.last, now, backups)
        dropped = None
        if found.node is not None:
            dropped = newly_dropped(found.node.dropped_hints, self._dropped)
        data = metric_data(self.node, found, dropped)
        if data:
            self.cloudwatch.put_metric_data(Namespace=METRICS, MetricData=data)
        self._published = now
        if found.node is not None:
            self._dropped = found.node.dropped_hints


def attend(
    journal: Journal,
    *,
    node: NodeFile,
    layout: Layout,
    cloud: Cloud,
    address: str,
    clock: Callable[[], float],
    backups: Callable[[float], BackupGauges] | None,
) -> None:
    """Begin, in threads that end with the agent."""
    attendant = Attendant(
        node=node,
        layout=layout,
        cloud=cloud,
        journal=journal,
        cloudwatch=client(node, "cloudwatch"),
        clock=clock,
        backups=backups,
    )
    try:
        serve_health(journal, address, clock)
    except OSError:
        log.exception("nobody can ask for this node's health; the agent goes on all the same")
    threading.Thread(target=_go_on, args=(attendant,), name="attendant", daemon=True).start()


def _go_on(attendant: Attendant) -> None:
    pause = threading.Event()
    while not pause.wait(LOOK_SECONDS):
        try:
            attendant.tick()
        except Exception:
            log.exception("a look failed; the next one is made all the same")
