"""A release on Fargate follows one on instances under traffic: nobody notices, and it goes away."""

from collections.abc import Iterator

import pytest

from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder.asks import Hold
from paved_road_delivery.ladder.steps import Raise
from paved_road_delivery.observe import observe
from paved_road_lab.callers import Answer
from tests.lab.callers import Callers, ask, more, only
from tests.lab.living_services import LivingServices, services_lab, stand_in
from tests.lab.services_app import DATA, PLACE
from tests.waiting import until

pytestmark = pytest.mark.slow

OLD, NEW = "place-order-v001", "place-order-v002"
IMAGES = {
    DATA: stand_in("orders_data", "orders-data", ORDERS_IN="memory"),
    PLACE: stand_in("place_order", "place-order"),
}


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingServices]:
    with services_lab(tmp_path_factory.mktemp("fargate"), frozenset({2})) as made:
        made.start(IMAGES)
        yield made


def test_traffic_goes_to_tasks_and_back_and_no_request_fails(living: LivingServices) -> None:
    with Callers(living.url()) as callers:
        more(callers, 20)
        living.release(2)
        until(lambda: living.healthy(2) == 2)
        assert ask(living.url(tests=True), cell=NEW) == Answer(201, NEW)
        until(lambda: not any(one.alarms for one in observe(living.service()).releases))
        living.run("shift", PLACE, "2", "100", "--why", "by hand")
        only(callers, NEW)
        # A task more comes by raising the minimum, as a walk would.
        ask_for = Hold(by="ann", why="a week", release=NEW, until=None)
        driver = Driver(living.service(), lambda _: None)
        driver.do(observe(living.service()), Raise(NEW, 3), ask_for)
        until(lambda: living.healthy(2) == 3)
        assert len(living.members(NEW)) == 3
        more(callers, 50)
        living.run("rollback", PLACE, "--why", "that was enough")
        only(callers, OLD)
        living.run("hold", PLACE, "2", "--days", "0", "--why", "nobody needs it")
        living.run("retire", PLACE, "2", "--delete", "--why", "tried")
        until(lambda: not living.members(NEW))
        more(callers, 50)
    assert callers.failed == [], f"of {len(callers.answers)}"
