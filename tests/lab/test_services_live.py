"""Releases under traffic: a new one hurts nobody, gets what it is given, and goes back at once."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest

from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Promote
from paved_road_delivery.ladder.steps import Done
from paved_road_delivery.observe import observe
from paved_road_lab.callers import Answer
from tests.lab.callers import Callers, ask, more, near, only, shares
from tests.lab.living_services import IMAGES, NO_WAITS, LivingServices, services_lab
from tests.lab.services_app import PLACE
from tests.waiting import until

pytestmark = pytest.mark.slow

OLD, NEW, DEAD = "place-order-v001", "place-order-v002", "place-order-v003"
CROWD, CROWD_PER_SECOND = 20_000, 300
"""Requests, all without a fault. Where a machine is too slow for the rate, they take longer."""

log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingServices]:
    with services_lab(tmp_path_factory.mktemp("services")) as made:
        made.start(IMAGES)
        yield made


@pytest.fixture
def callers(living: LivingServices) -> Iterator[Callers]:
    """They call while a test lasts, and none of them ever failed."""
    with Callers(living.url()) as calling:
        more(calling, 20)
        yield calling
    assert calling.failed == [], f"of {len(calling.answers)}"


def test_a_deploy_gives_a_release_no_request_and_only_testers_reach_it(
    living: LivingServices, callers: Callers
) -> None:
    living.release(2)
    living.ready(2)
    more(callers, 100)
    assert shares(callers.answers).keys() == {OLD}
    for cell, release in (("testers", NEW), (NEW, NEW), (OLD, OLD)):
        assert ask(living.url(tests=True), cell=cell) == Answer(201, release)
    assert ask(living.url(tests=True)) == Answer(503, "")
    # Refusals are the load balancer's own, so an alarm takes that for an outage, for a minute.
    until(lambda: observe(living.service()).alarms)
    until(lambda: not observe(living.service()).alarms)
    assert ask(living.url(), cell=NEW) == Answer(201, OLD), "the live listener heeds no cell"


def test_each_share_is_what_was_asked_for(living: LivingServices, callers: Callers) -> None:
    for percent in (5, 25, 50):
        living.run("shift", PLACE, "2", str(percent), "--why", "by hand")
        more(callers, 30)
        assert near(callers, NEW, percent / 100)
    living.run("rollback", PLACE, "--why", "that was enough")
    only(callers, OLD)


def test_a_cohort_meets_a_release_before_everybody_and_is_taken_back_first(
    living: LivingServices, callers: Callers
) -> None:
    driver = Driver(living.service(), lambda _: None, pause=lambda _: None)
    rungs = tuple(rung for rung in NO_WAITS if not rung.percent)
    up = Promote(by="ann", why="new prices", release=NEW, rungs=rungs, until=0, again=True)
    with Callers(living.url(), count=2, per_second=30, cohort=True) as early:
        only(early, OLD)
        assert isinstance(driver.run(up), Done)
        only(early, NEW)
        assert shares(more(callers, 100)).keys() == {OLD}
        living.run("rollback", PLACE, "--why", "the cohort complains")
        only(early, OLD)
    assert early.failed == []


def test_a_crowd_notices_no_walk_rollback_hold_or_retirement(living: LivingServices) -> None:
    driver = Driver(living.service(), lambda _: None, pause=lambda _: None)
    up = Promote(by="ann", why="new prices", release=NEW, rungs=NO_WAITS, again=True)
    with Callers(living.url(), count=32, per_second=CROWD_PER_SECOND) as crowd:
        for percent in (0, 1, 5, 25):
            assert isinstance(driver.run(replace(up, until=percent)), Done)
            more(crowd, 100)
            assert near(crowd, NEW, percent / 100, count=2000)
        assert isinstance(driver.run(up), Done)
        only(crowd, NEW)
        living.run("rollback", PLACE, "--why", "complaints")
        only(crowd, OLD)
        assert isinstance(driver.run(up), Done)
        only(crowd, NEW)
        living.run("hold", PLACE, "1", "--why", "a week")
        retire = ("retire", PLACE, "1", "--delete", "--why", "old")
        assert "it is held until" in living.run(*retire, code=2)
        living.run("hold", PLACE, "1", "--days", "0", "--why", "nobody needs it")
        living.run(*retire)
        assert [one.name for one in observe(living.service()).releases] == [NEW]
        assert shares(more(crowd, 100)).keys() == {NEW}
        more(crowd, max(0, CROWD - len(crowd.answers)))
    took = crowd.answers[-1].ended - crowd.answers[0].began
    log.info("%d requests, %.0f a second", len(crowd.answers), len(crowd.answers) / took)
    assert crowd.failed == [], f"of {len(crowd.answers)}"
    assert len(crowd.answers) >= CROWD


def test_members_come_and_go_unnoticed(living: LivingServices, callers: Callers) -> None:
    living.resize(2, 3)
    until(lambda: living.healthy(2) == 3)
    until(lambda: len(living.members(NEW)) == 3)
    more(callers, 50)
    living.resize(2, 2)
    until(lambda: len(living.members(NEW)) == 2)
    more(callers, 50)


def test_a_release_that_never_gets_healthy_gets_no_traffic(
    living: LivingServices, callers: Callers
) -> None:
    living.release(3)
    assert living.healthy(3) == 0
    told = living.run("shift", PLACE, "3", "5", "--why", "try it", code=2)
    assert "healthy" in told
    more(callers, 50)
    assert DEAD not in shares(callers.answers)


def test_who_forwards_is_started_again_when_it_dies(living: LivingServices) -> None:
    forwards = living.forwarder()
    forwards.kill()
    until(lambda: not forwards.is_running() or forwards.status() == psutil.STATUS_ZOMBIE)
    until(lambda: ask(living.url()).status == 201)
    assert living.forwarder().pid != forwards.pid
