"""Does what the ladder decides, step by step, until it is done or a person is needed."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery import contract
from paved_road_delivery.baseline import create_baseline
from paved_road_delivery.cloud import DeliveryError, Say
from paved_road_delivery.cohort import CohortRule
from paved_road_delivery.contract import ReleaseOutput
from paved_road_delivery.groups import group_of
from paved_road_delivery.holding import Holding
from paved_road_delivery.ladder import Ask, Promote, Seen, Step, Traffic, Verdict, Walk, decide
from paved_road_delivery.ladder.lanes import arrange, cohort_first
from paved_road_delivery.ladder.steps import (
    Begin,
    Claim,
    Copy,
    Delete,
    Done,
    End,
    Keep,
    Note,
    Raise,
    Record,
    Refuse,
    Route,
    Settle,
    Stop,
    Wait,
)
from paved_road_delivery.observe import observe
from paved_road_delivery.service import Lane, LiveService, describe_stack, outputs_of

MOST_WAIT_SECONDS = 30
"""Between two looks, so that an alarm is never older than that."""

MOST_STEPS = 10_000
"""A walk of a day looks 3,000 times; more is a driver that goes round in circles."""


@dataclass(frozen=True)
class Driver:
    """Of one service in one region. `judge` is asked at each look; None judges nothing."""

    service: LiveService
    say: Say
    judge: Callable[[Seen], Verdict | None] = lambda _: None
    pause: Callable[[float], None] = time.sleep

    def next(self, ask: Ask) -> tuple[Seen, Step]:
        """Look, and say what would be done: all of a dry run."""
        seen = observe(self.service)
        seen = replace(seen, verdict=self.judge(seen))
        return seen, decide(seen, ask)

    def run(self, ask: Ask) -> Done | Stop | Refuse:
        """To the last step. The hold ends with it, whatever happens."""
        try:
            for _ in range(MOST_STEPS):
                seen, step = self.next(ask)
                if isinstance(step, Done | Stop | Refuse):
                    return step
                self.say(_told(step))
                self._renew(ask, seen)
                if isinstance(step, Wait):
                    left = (step.until - seen.now).total_seconds() if step.until else None
                    self.pause(min(MOST_WAIT_SECONDS, left or MOST_WAIT_SECONDS))
                else:
                    self.do(seen, step, ask)
                    if isinstance(step, Begin) and isinstance(ask, Promote):
                        # Once more is once: what fails again is not begun a third time.
                        ask = replace(ask, again=False)
            raise DeliveryError(f"no end after {MOST_STEPS} steps: paved-road release list")
        finally:
            self._let_go(ask)

    def do(self, seen: Seen, step: Step, ask: Ask) -> None:  # noqa: PLR0912 - a case for each step
        """One step: calls that may be repeated."""
        service = self.service
        match step:
            case Claim(by):
                epoch, _ = Holding(service).last()
                Holding(service).take(by, _doing(ask), seen.now, epoch)
            case Begin(walk):
                self._write(walk)
            case Copy(name, of, members):
                create_baseline(service, name, of, members)
            case Raise(release, minimum):
                self._raise(release, minimum)
            case Record(traffic):
                self._record(traffic, seen)
            case Route(traffic):
                self._route(traffic, seen)
            case Settle():
                if behind := service.settle():
                    raise DeliveryError(
                        f"traffic of {seen.service} has moved, but its stack "
                        f"{service.stack(Kind.ROUTING)} did not follow: {behind}"
                    )
            case Note(reached, cohort):
                now = datetime.now(UTC)
                self._write(replace(_walk(seen), reached=reached, cohort=cohort, since=now))
            case End(how, why):
                self._write(replace(_walk(seen), ended=how, told=why))
            case Keep(release, until):
                self._keep(release, until)
            case Delete(release, waits):
                self._clear(seen)
                self._delete(release, waits=waits)
            case _:
                raise ValueError(f"{step} is no step to do")

    def _raise(self, release: str, minimum: int) -> None:
        group = group_of(self.service, self._outputs(release))
        if group is None:
            raise DeliveryError(f"{release} names nothing that runs it: its minimum stays")
        group.raise_minimum(minimum)

    def _write(self, walk: Walk) -> None:
        service = self.service
        begun = walk.begun and walk.begun.isoformat()
        since = walk.since.isoformat()
        told = {**asdict(walk), "since": since, "begun": begun, "ended": walk.ended}
        service.client("ssm").put_parameter(
            Name=contract.walk_parameter(service.estate, service.name),
            Value=json.dumps(told),
            Type="String",
            Overwrite=True,
        )

    def _keep(self, release: str, until: datetime | None) -> None:
        service, ssm = self.service, self.service.client("ssm")
        name = contract.held_parameter(service.estate, service.name, release)
        if until is None:
            ssm.delete_parameters(Names=[name])
        else:
            ssm.put_parameter(Name=name, Value=until.isoformat(), Type="String", Overwrite=True)

    def _delete(self, release: str, *, waits: bool) -> None:
        cloudformation, name = self.service.client("cloudformation"), self._stack(release)
        self._keep(release, None)
        cloudformation.update_termination_protection(
            StackName=name, EnableTerminationProtection=False
        )
        cloudformation.delete_stack(StackName=name)
        if waits:
            cloudformation.get_waiter("stack_delete_complete").wait(StackName=name)

    def _clear(self, seen: Seen) -> None:
        """No lane keeps a release without traffic, as a driver that died may have left it."""
        self._record(seen.recorded, seen)
        self._route(seen.live, seen)
        if seen.recorded == seen.live:
            self.service.settle()

    def _record(self, traffic: Traffic, seen: Seen) -> None:
        cohort = CohortRule(self.service).record
        self._apply(traffic, seen.recorded, self.service.record, cohort)

    def _route(self, traffic: Traffic, seen: Seen) -> None:
        self._apply(traffic, seen.live, self.service.route, CohortRule(self.service).route)

    def _apply(
        self,
        wanted: Traffic,
        now: Traffic,
        all_but_cohort: Callable[[list[Lane]], None],
        cohort: Callable[[str | None], None],
    ) -> None:
        """The shares and the cohort, in the order that hurts nobody."""
        group = self._group(wanted.cohort) if wanted.cohort else None
        if first := cohort_first(now, wanted):
            cohort(group)
        groups = {self._group(name): share for name, share in wanted.shares.items()}
        all_but_cohort(arrange(self.service.lanes(), self.service.idle(), groups))
        if not first:
            cohort(group)

    def _group(self, release: str) -> str:
        return self._output(release, ReleaseOutput.TARGET_GROUP)

    def _stack(self, release: str) -> str:
        return stack_name(self.service.estate, self.service.region, Kind.RELEASE, release)

    def _outputs(self, release: str) -> dict[str, str]:
        found = describe_stack(self.service.client("cloudformation"), self._stack(release))
        return outputs_of(found or {})

    def _output(self, release: str, output: str) -> str:
        return self._outputs(release)[output]

    def _renew(self, ask: Ask, seen: Seen) -> None:
        epoch, holder = Holding(self.service).last()
        if holder and holder.who == ask.by and holder.until > seen.now:
            Holding(self.service).renew(epoch, holder, seen.now)

    def _let_go(self, ask: Ask) -> None:
        epoch, holder = Holding(self.service).last()
        if holder and holder.who == ask.by:
            Holding(self.service).let_go(epoch, holder, datetime.now(UTC))


def _walk(seen: Seen) -> Walk:
    if seen.walk is None:
        raise ValueError("there is no walk to note anything in")
    return seen.walk


def _doing(ask: Ask) -> str:
    what = type(ask).__name__.lower()
    return f"{what} {getattr(ask, 'release', '')}".strip()


def _told(step: Step) -> str:
    why = f": {step.why}" if isinstance(step, Route | Wait | End) else ""
    what = f" {step.traffic}" if isinstance(step, Record | Route) else ""
    if isinstance(step, Copy):
        what = f" {step.of} as {step.name}, {step.members} members"
    if isinstance(step, Delete):
        what = f" {step.release}"
    return f"{type(step).__name__.lower()}{what}{why}"
