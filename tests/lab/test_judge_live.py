"""The judge of a walk under traffic takes back a release that fails, beside a baseline it made.

Load balancers report every two seconds here, so that a walk takes a minute and not an hour. That a
slow one goes back and a good one passes is shown by `test_demo_release.py`.
"""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from paved_road_delivery.contract import baseline_name
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Promote
from paved_road_delivery.ladder.asks import Rung
from paved_road_delivery.ladder.seen import Ended
from paved_road_delivery.ladder.steps import Done, Refuse, Stop
from paved_road_delivery.observe import observe, read_walk
from paved_road_judge.walks import verdict
from paved_road_lab.alarms.settings import set_minute
from tests.lab.callers import Callers, more, only
from tests.lab.living_services import ORDERS_IN_MEMORY, LivingServices, services_lab, stand_in
from tests.lab.services_app import PLACE, digest
from tests.waiting import until

pytestmark = pytest.mark.slow

OLD, FAILING = (f"{PLACE}-v00{number}" for number in (1, 2))
MADE = baseline_name(OLD)
NOTHING = timedelta(0)
RUNGS = (
    Rung(percent=0, soak=NOTHING),
    Rung(percent=30, soak=NOTHING, judged=True),
    Rung(percent=100, soak=NOTHING),
)
"""One rung is judged, with enough of the traffic to be judged soon."""

MINUTE = timedelta(seconds=2)


IMAGES = {
    **ORDERS_IN_MEMORY,
    PLACE: stand_in("place_order", "place-order"),
    f"{PLACE}@{digest(2)}": stand_in("place_order", "place-order", FAULT_ERRORS="0.1"),
}


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingServices]:
    with services_lab(tmp_path_factory.mktemp("judged")) as made:
        set_minute(made.lab, 60)  # so that no alarm sees it first
        made.start(IMAGES)
        made.release(2)
        for number in (1, 2):
            made.ready(number)
        yield made


def walked(living: LivingServices, release: str) -> Done | Stop | Refuse:
    service = living.service()
    driver = Driver(
        service,
        lambda _: None,
        lambda seen: verdict(service, seen, minute=MINUTE),
        pause=lambda _: time.sleep(0.5),
    )
    ask = Promote(
        by="ann",
        why="a live test",
        release=release,
        copies=True,
        rungs=RUNGS,
        patience=timedelta(minutes=5),
    )
    return driver.run(ask)


def test_a_failing_release_is_taken_back_where_the_judge_first_looks(
    living: LivingServices,
) -> None:
    with Callers(living.url(), count=8, per_second=100) as callers:
        more(callers, 50)
        assert isinstance(walked(living, FAILING), Refuse), "it was rolled back"
        only(callers, OLD)
    walk = read_walk(living.service())
    assert walk
    assert (walk.candidate, walk.reached, walk.ended) == (FAILING, 30, Ended.ROLLED_BACK)
    assert walk.baseline == MADE
    assert walk.told.startswith(f"the judge fails {FAILING}")
    assert "error percent" in walk.told
    until(lambda: observe(living.service()).release(MADE) is None)
    assert {one.release for one in callers.failed} <= {FAILING}
