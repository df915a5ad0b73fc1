"""The tool is killed, met by another operator and by foreign updates: no caller notices."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from paved_road_contract.stacks import Kind
from paved_road_delivery.drive import Driver
from paved_road_delivery.holding import Holding
from paved_road_delivery.ladder import Ended, Promote, Rollback, Traffic
from paved_road_delivery.ladder.steps import Stop
from paved_road_delivery.observe import observe
from paved_road_lab.alarms.settings import set_minute
from paved_road_lab.cloud import LabCloud
from paved_road_lab.deploy import deploy
from tests.lab.callers import Callers, more, near, only, shares
from tests.lab.living_services import IMAGES, NO_WAITS, LivingServices, services_lab
from tests.lab.mortal import run_killed
from tests.lab.services_app import PLACE
from tests.lab.small_region import ESTATE, REGION
from tests.waiting import until

pytestmark = pytest.mark.slow

OLD, NEW, LOOPING = (f"{PLACE}-v00{number}" for number in (1, 2, 3))


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingServices]:
    with services_lab(tmp_path_factory.mktemp("attacked")) as made:
        made.start(IMAGES)
        # A release is in alarm until its first healthy minute was reported, and no walk begins.
        set_minute(made.lab, 5)
        made.release(2)
        until(lambda: made.healthy(2) == 2 and not _alarms(made, NEW), seconds=300)
        yield made


def _alarms(living: LivingServices, release: str) -> tuple[str, ...]:
    found = observe(living.service()).release(release)
    return found.alarms if found else ("it does not stand",)


@pytest.fixture
def callers(living: LivingServices) -> Iterator[Callers]:
    """They call while a test lasts, and none of them ever failed."""
    with (
        Callers(living.url()) as calling,
        Callers(living.url(), count=1, per_second=15, cohort=True) as early,
    ):
        only(calling, OLD)
        yield calling
    assert calling.failed == early.failed == [], f"of {len(calling.answers)}"


def promote(release: str, **given: object) -> Promote:
    standard = {
        "by": "ann",
        "why": "new prices",
        "release": release,
        "rungs": NO_WAITS,
        "again": True,
    }
    return Promote(**{**standard, **given})  # type: ignore[arg-type]


def test_killed_after_every_step_it_goes_on_up_and_back(
    living: LivingServices, callers: Callers
) -> None:
    last, killed = run_killed(living.folder, promote(NEW))
    assert last.startswith("Done")
    assert killed > 20
    only(callers, NEW)
    last, killed = run_killed(living.folder, Rollback(by="bob", why="complaints"))
    assert last.startswith("Done")
    assert killed >= 5
    only(callers, OLD)
    seen = observe(living.service())
    assert seen.live == seen.recorded == Traffic(shares={OLD: 100})
    assert seen.settled
    assert seen.walk
    assert seen.walk.ended is Ended.ROLLED_BACK


def test_the_second_operator_is_told_and_the_first_ones_death_is_survived(
    living: LivingServices, callers: Callers
) -> None:
    words = ("promote", PLACE, "2", "--not-judged", "--again", "--why", "x", "--estate", ESTATE)
    ann = subprocess.Popen(
        [
            *(sys.executable, "-c", "from paved_road_cli.main import main; main()", "release"),
            *(*words, "--region", REGION, "--by", "ann"),
        ],
        env=LabCloud(living.lab).environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        # It soaks with testers for minutes.
        until(lambda: observe(living.service()).under_way)
        told = living.run(
            "promote", PLACE, "2", "--not-judged", "--why", "y", "--by", "bob", code=2
        )
        assert f"ann holds {PLACE}" in told
        assert f"promote {NEW}" in told
    finally:
        ann.kill()
        ann.wait()
    holder = Holding(living.service()).last()[1]
    assert holder
    assert holder.who == "ann"
    living.run("rollback", PLACE, "--why", "ann is gone", "--to", "1", "--by", "bob")
    assert observe(living.service()).under_way is None
    more(callers, 50)


def test_a_foreign_deploy_of_routing_keeps_five_percent(
    living: LivingServices, callers: Callers
) -> None:
    living.run("shift", PLACE, "2", "5", "--why", "by hand")
    service = living.service()
    at_five = Traffic(shares={OLD: 95, NEW: 5})
    for owner, words in (("prices", ("--no-previous-parameters",)), ("orders", ())):
        stack = service.stack(Kind.ROUTING)
        done = deploy(
            living.lab, living.assembly(owner=owner), lambda _: None, (stack, "-e", *words)
        )
        assert done.changed == (stack,)
        seen = observe(service)
        assert seen.live == seen.recorded == at_five
    assert near(callers, NEW, 0.05)
    living.run("rollback", PLACE, "--why", "that was enough")
    only(callers, OLD)


def test_a_release_that_crashes_again_and_again_is_stopped_before_any_traffic(
    living: LivingServices, callers: Callers
) -> None:
    living.release(3)
    driver = Driver(living.service(), lambda _: None, pause=lambda _: None)
    last = driver.run(promote(LOOPING, patience=timedelta(0)))
    assert isinstance(last, Stop)
    # Whichever is seen first: its alarm, or that nobody of it is there to take a request.
    assert f"{LOOPING} is in alarm" in last.why or f"{LOOPING} has 0 healthy" in last.why
    living.run("rollback", PLACE, "--why", "it never starts", "--to", "1")
    more(callers, 50)
    assert shares(callers.answers).keys() == {OLD}


def test_what_serves_is_not_retired_and_what_was_emptied_takes_nothing_back(
    living: LivingServices, callers: Callers
) -> None:
    told = living.run("retire", PLACE, "1", "--delete", "--why", "by mistake", code=2)
    assert "it has traffic" in told
    driver = Driver(living.service(), lambda _: None, pause=lambda _: None)
    driver.run(promote(NEW))
    only(callers, NEW)
    living.empty(1)
    until(lambda: living.healthy(1) == 0)
    told = living.run("rollback", PLACE, "--why", "complaints", code=2)
    assert f"{OLD} has no healthy target, so nothing was moved" in told
    assert shares(more(callers, 50)).keys() == {NEW}
