"""Carries a drill out: a scratch ring comes back from the backup, is compared, and goes again.

The ring that is drilled is read and never written: not its slot table, not its backups, not its
rows. A drill that is killed leaves a scratch ring behind, which the next one ends first.
"""

import os
import platform
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from paved_road_contract.drills import DRILL_PASSED
from paved_road_ring.drills.check import Check, TableUnreadableError
from paved_road_ring.drills.plan import MARGIN_SECONDS, DrillPlan, target
from paved_road_ring.drills.result import DrillResult, TableFound, metric
from paved_road_ring.drills.scratch import Scratch
from paved_road_ring.drills.sessions import served, session
from paved_road_ring.drills.turn import Turn
from paved_road_ring.follow import NotInTimeError, follow
from paved_road_ring.live import LiveRing
from paved_road_ring.restore import birth_from
from paved_road_ring.survey import Survey
from paved_road_ring_agent.cql import Cql, LoginRefusedError
from paved_road_ring_agent.management import NodeSilentError
from paved_road_ring_agent.metric_names import METRICS
from paved_road_ring_agent.table import TableUnreachableError
from paved_road_ring_agent.vault import NoSecretError
from paved_road_ring_backup.recovery import chosen, named, read_plan
from paved_road_ring_backup.store import Store

FAULT_SECONDS = 90.0
"""How long a node that cannot fill its disk may try again: it does so every half a minute."""


class DrillFailedError(Exception):
    """The backup did not give a ring back; the sentence says what of it."""


FAILURES = (
    *(BotoCoreError, ClientError, DrillFailedError, LoginRefusedError, NoSecretError),
    *(NodeSilentError, NotInTimeError, TableUnreachableError, TableUnreadableError, TimeoutError),
)
"""What makes a drill fail rather than break off: each is a ring that did not come back in time."""


@dataclass(kw_only=True)
class Drill:
    """Of one ring.

    - `bucket`: where the backup is, if not in the region's own backup bucket.
    - `compares`: whether the ring is read and compared, or rows of the copy are only counted.
    - `percent` of the token ring is read.
    - `keeps`: the scratch ring stays, to be looked at, until the next drill.
    - `limit_seconds` for the restored ring to be whole.
    - `margin_seconds` before the backup that are not compared (`MARGIN_SECONDS`).

    Raises `RestoreRefusedError` before anything is done.
    """

    source: LiveRing
    say: Callable[[str], None]
    bucket: str = ""
    compares: bool = True
    percent: float = 100.0
    keeps: bool = False
    limit_seconds: float = 7_200.0
    margin_seconds: int = MARGIN_SECONDS
    fault_seconds: float = FAULT_SECONDS
    clock: Callable[[], float] = time.time
    elapsed: Callable[[], float] = time.monotonic
    _faults: dict[str, float] = field(default_factory=dict, init=False)

    def plan(self, key: str = "") -> DrillPlan:
        """From the ring manifest of that key, or the newest whole one of any of its lives."""
        scratch, store = Scratch.of(self.source), self._store()
        data_center = scratch.ring.outputs()["DataCenter"]
        manifest = (
            named(store, key)
            if key
            else chosen(store, self.source.name, data_center, int(self.clock()))
        )
        wanted = scratch.ring.wanted()
        label = wanted.label if wanted else ""
        goal, machine = target(
            self.source.name, data_center, scratch.ring.groups(), label, manifest
        )
        return DrillPlan(
            restore=read_plan(store, manifest, goal),
            target=goal,
            machine=machine,
            until=manifest.whole_until - self.margin_seconds,
            left=tuple(scratch.left()),
        )

    def run(self, plan: DrillPlan) -> DrillResult:
        """Whatever becomes of it, its result is stored and published, and the scratch ring goes."""
        scratch = Scratch.of(self.source)
        turn = Turn.of(scratch.ring, self._holder(), self.clock, self.elapsed)
        scratch = replace(scratch, sleep=turn.sleep)
        turn.take()
        try:
            scratch.end(self.say)
            try:
                found = self._drilled(plan, scratch, turn)
                self.publish(found)
            finally:
                if turn.mine and not self.keeps:
                    scratch.end(self.say)
        finally:
            turn.give_back()
        return found

    def refused(self) -> None:
        """No drill can be carried out, and the ring's alarms are to say so."""
        ring, data_center = self.source, self.source.outputs()["DataCenter"]
        self._measure([metric(ring.estate, ring.name, data_center, DRILL_PASSED, 0.0, "Count")])

    def publish(self, found: DrillResult) -> None:
        """Beside the backups, and to the ring's alarms."""
        self._own_store().put(found.key, found.to_json())
        self._measure(found.metrics(self.source.estate))

    def _drilled(self, plan: DrillPlan, scratch: Scratch, turn: Turn) -> DrillResult:
        began, seconds, at = self.clock(), dict[str, float](), self.elapsed()
        tables: list[TableFound] = []
        faults: list[str] = []

        @contextmanager
        def part(name: str) -> Iterator[None]:
            start = self.elapsed()
            yield
            seconds[name] = round(self.elapsed() - start, 1)

        recovery: float | None = None
        try:
            with part("restored"):
                self._restore(plan, scratch, turn)
            with ExitStack() as stack:
                with part("first read"):
                    restored = served(scratch.ring, stack)
                recovery = round(self.elapsed() - at, 1)
                self.say(f"{scratch.ring.name} serves reads after {recovery} s")
                with part("compared"):
                    tables += self._compared(plan, restored, stack, turn)
        except FAILURES as error:
            faults.append(str(error))
        faults += [f"{one.table}: {one.fault}" for one in tables if one.fault]
        manifest = plan.manifest
        return DrillResult(
            ring=self.source.name,
            data_center=manifest.past.data_center,
            manifest=manifest.key,
            began=int(began),
            ended=int(self.clock()),
            whole_until=manifest.whole_until,
            recovery_point_seconds=int(began) - manifest.whole_until,
            recovery_seconds=recovery,
            size=plan.restore.size,
            slots=len(plan.restore.fills),
            compared_until=plan.until,
            percent=self.percent,
            faults=tuple(faults),
            tables=tuple(tables),
            seconds=seconds,
        )

    def _restore(self, plan: DrillPlan, scratch: Scratch, turn: Turn) -> None:
        incarnation, bucket = secrets.token_hex(4), self._store().bucket
        birth = birth_from(plan.manifest, plan.target, incarnation, bucket)
        scratch.begin(birth)
        self.say(f"{len(plan.restore.fills)} instances of {scratch.ring.name} are launched")

        def look() -> Survey:
            turn.beat()
            seen = scratch.ring.survey()
            self._give_up_on(seen, plan)
            return seen

        self._faults.clear()
        follow(look, lambda seen: seen.whole, seconds=self.limit_seconds, say=self.say)

    def _give_up_on(self, seen: Survey, plan: DrillPlan) -> None:
        """A node says why it cannot go on until it can: one that says so for long never will."""
        standing = {row.slot: row.fault for row in seen.rows if row.fault}
        self._faults = {slot: self._faults.get(slot, self.elapsed()) for slot in standing}
        for slot, since in self._faults.items():
            if self.elapsed() - since >= self.fault_seconds:
                named = ", ".join(plan.tables_in(standing[slot]))
                of = f" (of {named})" if named else ""
                raise DrillFailedError(f"{slot} cannot be filled: {standing[slot]}{of}")

    def _compared(
        self, plan: DrillPlan, restored: Cql, stack: ExitStack, turn: Turn
    ) -> list[TableFound]:
        source = stack.enter_context(session(self.source)) if self.compares else None
        check = Check(
            restored=restored,
            source=source,
            keyspaces=plan.keyspaces(),
            sizes=plan.table_bytes(),
            moment=plan.until * 1_000_000,
            percent=self.percent,
            seed=plan.manifest.key,
            beat=turn.beat,
        )
        found: list[TableFound] = []
        for one in check.run():
            self.say(f"{one.table}: {one.tally.rows} rows{f'; {one.fault}' if one.fault else ''}")
            found.append(one)
        return found

    def _measure(self, found: list[dict[str, Any]]) -> None:
        self._client("cloudwatch").put_metric_data(Namespace=METRICS, MetricData=found)

    def _store(self) -> Store:
        return Store(self._client("s3"), self.bucket) if self.bucket else self._own_store()

    def _own_store(self) -> Store:
        return Store(self._client("s3"), self.source.backup_bucket())

    def _client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        return self.source.clients.client(service, self.source.region)

    def _holder(self) -> str:
        return f"drill-{platform.node()}-{os.getpid()}-{time.monotonic_ns()}"
