"""The demo's releases: a good one goes up under traffic, a slow one is found out and goes back."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from paved_road_cli.demo_rungs import Look, ReleaseStory, WalkMet, by_release, rungs_met
from paved_road_cli.output import say
from paved_road_contract.stacks import release_name
from paved_road_delivery.cloud import DeliveryError
from paved_road_delivery.contract import CELL_HEADER, ServiceOutput, is_baseline
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Hold, Promote, Retire, Rollback, Seen, Verdict
from paved_road_delivery.ladder.asks import Ask, Rung
from paved_road_delivery.ladder.guard import MOST_STANDING
from paved_road_delivery.ladder.steps import Done, Refuse, Stop
from paved_road_delivery.listing import numbers_used
from paved_road_delivery.observe import observe, read_walk
from paved_road_delivery.release import Release
from paved_road_delivery.service import LiveService
from paved_road_judge.walks import verdict
from paved_road_lab.balancers.model import lab_port
from paved_road_lab.callers import Callers, answers_soon, ask
from paved_road_lab.cloud import LabCloud
from paved_road_lab.state import Lab

SERVICE = "place-order"
ORDER = {"customer": "ann", "item": "tea", "quantity": 2}
SLOW = f"sha256:{'bad':0>64}"
"""For which the lab starts the same service with a delay: services/images.json."""

BY = "the demo"
PERIOD = timedelta(seconds=2)
"""The judge's minute: the lab's load balancers report every second."""

RUNGS = (
    Rung(percent=0, soak=timedelta(seconds=3)),
    Rung(percent=5, soak=timedelta(seconds=5)),
    Rung(percent=25, soak=timedelta(0), judged=True),
    Rung(percent=100, soak=timedelta(seconds=5)),
)
"""Testers, few, a share that has enough requests to be judged on within half a minute, everyone."""

PATIENCE = timedelta(minutes=5)
ANSWER_SECONDS = 300
SETTLE_SECONDS = 330
"""Longer than a hold lasts whose holder has died."""


@dataclass(frozen=True, kw_only=True)
class DemoRelease:
    """Of one service in one region.

    `assembly` synthesizes releases by number and digest; `declared` are those of the app, which
    stay whatever the demo does.
    """

    lab: Lab
    estate: str
    region: str
    declared: frozenset[str]
    assembly: Callable[[Mapping[int, str]], Path]

    @property
    def service(self) -> LiveService:
        """Through the emulator's APIs."""
        return LiveService(LabCloud(self.lab), self.estate, self.region, SERVICE)

    def tell(self, *, again: bool) -> ReleaseStory:
        """Both walks; unless an earlier run has ended its own, and it is not to be done `again`."""
        walk = read_walk(self.service)
        if walk and walk.ended and not again:
            return self._standing()
        if walk and walk.ended is None:
            self._drive(Rollback(by=BY, why="an earlier demo was interrupted"))
        if not answers_soon(self._url(), ORDER, seconds=ANSWER_SECONDS):
            raise DeliveryError(f"{SERVICE} does not answer at {self._url()}: see .lab/hosts.log")
        began = time.monotonic()
        with Callers(url=self._url(), order=ORDER, count=8, per_second=100) as callers:
            good = self._walk(callers, lambda number: f"sha256:{number:064x}", "new prices")
            bad = self._walk(callers, lambda _: SLOW, "quicker, they said")
        answers = callers.answers
        return ReleaseStory(
            service=SERVICE,
            estate=self.estate,
            region=self.region,
            stands=self._standing().stands,
            good=good,
            bad=bad,
            requests=len(answers),
            seconds=round(time.monotonic() - began, 1),
            answered=by_release(answers),
            failed=by_release(callers.failed),
        )

    def _standing(self) -> ReleaseStory:
        seen = observe(self.service)
        names = ", ".join(one.name for one in seen.releases)
        stands = f"{seen.live} of the traffic in {self.region}; standing: {names}"
        return ReleaseStory(service=SERVICE, estate=self.estate, region=self.region, stands=stands)

    def _walk(self, callers: Callers, digest: Callable[[int], str], why: str) -> WalkMet:
        """Deploy a release and promote it as far as it comes."""
        self._make_room(2)
        began = time.monotonic()
        number = max(numbers_used(self.service)) + 1
        Release.find(self.service, number, self.assembly({number: digest(number)})).deploy(say)
        release = release_name(SERVICE, number)
        self._show_testers(release)
        # No walk begins while the service is in alarm, as it may be from before.
        self._until(lambda seen: not seen.alarms, f"alarms of {SERVICE} were not over")
        deployed, looks = time.monotonic(), list[Look]()

        def judge(seen: Seen) -> Verdict | None:
            looks.append(Look(at=time.monotonic(), percent=seen.live.share(release)))
            return verdict(self.service, seen, minute=PERIOD)

        ask = Promote(
            by=BY,
            why=why,
            release=release,
            rungs=RUNGS,
            copies=True,
            patience=PATIENCE,
        )
        last = self._drive(ask, judge)
        if isinstance(last, Stop):
            self._drive(Rollback(by=BY, why=last.why))
        # Where an alarm was quicker, its function takes the release back.
        self._until(lambda seen: seen.under_way is None, f"the walk of {release} did not end")
        ended, walk = time.monotonic(), read_walk(self.service)
        if walk is None or walk.candidate != release:
            raise DeliveryError(f"{release} was not promoted: {last.why}")
        return WalkMet(
            release=release,
            ended=walk.ended,
            why=walk.told or walk.why,
            rungs=rungs_met(release, looks, tuple(callers.answers), ended),
            deploying=round(deployed - began, 1),
            walking=round(time.monotonic() - deployed, 1),
        )

    def _show_testers(self, release: str) -> None:
        """Who names it on the test listener reaches it, before anybody else does."""

        def healthy(seen: Seen) -> bool:
            found = seen.release(release)
            return bool(found and found.healthy == found.registered > 0)

        self._until(healthy, f"{release} did not become healthy")
        answer = ask(self._url(test=True), ORDER, headers={CELL_HEADER: release})
        if (answer.release, answer.good) != (release, True):
            raise DeliveryError(f"a tester asked for {release} and got {answer}")
        say(f"a tester who asks for {release} is answered by it; of the traffic it has nothing")

    def _make_room(self, count: int) -> None:
        """Retire what an earlier demo left: what is not the app's and does not serve."""
        seen = observe(self.service)
        spare = [
            one
            for one in seen.releases
            if one.name not in self.declared
            and not is_baseline(one.name)
            and not seen.live.serves(one.name)
        ]
        for one in spare[: max(0, len(seen.releases) + count - MOST_STANDING)]:
            why = "the demo needs its place"
            if one.held_until:
                self._drive(Hold(by=BY, why=why, release=one.name, until=None))
            self._drive(Retire(by=BY, why=why, release=one.name, confirmed=True))

    def _until(self, true: Callable[[Seen], bool], sentence: str) -> None:
        looks = Retrying(
            retry=retry_if_result(lambda seen: not true(seen)),
            stop=stop_after_delay(SETTLE_SECONDS),
            wait=wait_fixed(1),
        )
        try:
            looks(observe, self.service)
        except RetryError:
            raise DeliveryError(f"{sentence} within {SETTLE_SECONDS} s") from None

    def _drive(
        self, ask: Ask, judge: Callable[[Seen], Verdict | None] = lambda _: None
    ) -> Done | Stop | Refuse:
        """Tell each step once. Raises `DeliveryError` if what is not a promotion is refused."""
        told: list[str] = []

        def once(line: str) -> None:
            if line not in told[-1:]:
                told.append(line)
                say(line)

        def free(seen: Seen) -> bool:
            holder = seen.holder
            return holder is None or holder.who == BY or holder.until <= seen.now

        self._until(free, f"somebody else works on {SERVICE}, and did not end that")
        driver = Driver(self.service, once, judge, pause=lambda left: time.sleep(min(left, 1)))
        last = driver.run(ask)
        once(last.why)
        if isinstance(last, Stop | Refuse) and not isinstance(ask, Promote):
            raise DeliveryError(last.why)
        return last

    def _url(self, *, test: bool = False) -> str:
        outputs = self.service.outputs()
        listener = outputs[ServiceOutput.TEST_LISTENER if test else ServiceOutput.LISTENER]
        found = self.service.client("elbv2").describe_listeners(ListenerArns=[listener])
        port = lab_port(int(found["Listeners"][0]["Port"]))
        return f"http://{outputs[ServiceOutput.ADDRESS]}:{port}/orders"
