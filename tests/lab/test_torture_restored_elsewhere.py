"""Six nodes and a hundred thousand rows whose region is lost: all of them, in another region."""

import time
from collections.abc import Iterator

import pytest

from tests.lab.backed_up import back_up
from tests.lab.clients import Patient, connect
from tests.lab.lost_region import LOST, Regions, bring_back, lose, two_regions
from tests.lab.many_rows import fill_many, late_writing, moment_now
from tests.lab.shipped_logs import SHIPPING_SECONDS, reaches
from tests.waiting import until

pytestmark = pytest.mark.torture

NAME = "test_torture_restored_elsewhere"
PER_RACK = 2


@pytest.fixture
def regions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Regions]:
    with two_regions(tmp_path_factory.mktemp("ring"), PER_RACK, NAME) as both:
        yield both


def test_a_hundred_thousand_rows_come_back_from_copies_in_another_region(regions: Regions) -> None:
    east, west = regions
    with connect(east.addresses()) as session:
        fill_many(session)
    with late_writing(east.addresses()) as writer:
        manifest = back_up(east)
        until(lambda: time.time() > manifest.settled)
        moment = moment_now(east.addresses()[0], writer)
    with connect(east.addresses()) as session:
        Patient(session).execute("TRUNCATE shop.names")
    until(lambda: reaches(east, moment.at, 3 * PER_RACK), SHIPPING_SECONDS, every=1.0)

    plan = lose(regions, PER_RACK, moment.at)
    assert plan.plan.manifest == manifest
    bring_back(west, plan, PER_RACK, NAME)
    assert (west.birth().came_from, west.birth().at) == (LOST, moment.at)
    moment.is_back(west.addresses()[::3])
