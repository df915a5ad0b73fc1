"""The judge of a walk under traffic: a good release passes, a slow one and a failing one go back.

Each walk makes its own baseline, and none is left.

Load balancers report every two seconds here, so that a walk takes a minute and not an hour.
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
from tests.lab.callers import Callers, more, only, shares
from tests.lab.living_services import ORDERS_IN_MEMORY, LivingServices, services_lab, stand_in
from tests.lab.services_app import PLACE, digest
from tests.waiting import until

pytestmark = pytest.mark.slow

OLD, SLOW, FAILING, GOOD = (f"{PLACE}-v00{number}" for number in range(1, 5))
MADE = baseline_name(OLD)
NOTHING = timedelta(0)
RUNGS = (
    Rung(percent=0, soak=NOTHING),
    Rung(percent=30, soak=NOTHING, judged=True),
    Rung(percent=100, soak=NOTHING),
)
"""One rung is judged, with enough of the traffic to be judged soon."""

MINUTE = timedelta(seconds=2)


def place(**environment: str) -> dict[str, object]:
    return stand_in("place_order", "place-order", **{"FAULT_DELAY_MS": "40", **environment})


IMAGES = {
    **ORDERS_IN_MEMORY,
    PLACE: place(),
    f"{PLACE}@{digest(2)}": place(FAULT_DELAY_MS="80"),
    f"{PLACE}@{digest(3)}": place(FAULT_ERRORS="0.1"),
}


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingServices]:
    with services_lab(tmp_path_factory.mktemp("judged")) as made:
        set_minute(made.lab, 60)  # so that no alarm sees it first
        made.start(IMAGES)
        for number in range(2, 5):
            made.release(number)
        for number in range(1, 5):
            made.ready(number)
        yield made


@pytest.fixture
def callers(living: LivingServices) -> Iterator[Callers]:
    with Callers(living.url(), count=8, per_second=100) as calling:
        more(calling, 50)
        assert shares(more(calling, 50)).keys() == {OLD}
        yield calling


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


@pytest.mark.parametrize(("release", "metric"), [(SLOW, "p50"), (FAILING, "error percent")])
def test_a_bad_release_is_taken_back_where_the_judge_first_looks(
    living: LivingServices, callers: Callers, release: str, metric: str
) -> None:
    assert isinstance(walked(living, release), Refuse), "it was rolled back"
    walk = read_walk(living.service())
    assert walk
    assert (walk.candidate, walk.reached, walk.ended) == (release, 30, Ended.ROLLED_BACK)
    assert walk.baseline == MADE
    assert walk.told.startswith(f"the judge fails {release}")
    assert metric in walk.told
    only(callers, OLD)
    until(lambda: observe(living.service()).release(MADE) is None)
    failed = {one.release for one in callers.failed}
    assert failed <= {release} if metric == "error percent" else not failed


def test_a_good_release_passes_and_serves(living: LivingServices, callers: Callers) -> None:
    assert isinstance(walked(living, GOOD), Done)
    only(callers, GOOD)
    assert observe(living.service()).release(MADE) is None
    until(lambda: not living.members(MADE))
    assert callers.failed == []
