"""Alarms under traffic, and no tool that runs: a release that fails goes back by itself.

A minute of load balancers' alarms lasts a second here.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Ended, Promote, Traffic
from paved_road_delivery.ladder.alarmed import BY
from paved_road_delivery.ladder.asks import Rung
from paved_road_delivery.ladder.steps import Route
from paved_road_delivery.observe import observe
from paved_road_lab.alarms.settings import set_minute
from paved_road_lab.calls import calls
from paved_road_lab.cloud import LabCloud
from tests.lab.callers import Callers, more, only
from tests.lab.grants import compare, deployed, granted_actions
from tests.lab.living_services import ORDERS_IN_MEMORY, LivingServices, services_lab, stand_in
from tests.lab.services_app import PLACE, digest
from tests.lab.small_region import ESTATE, REGION
from tests.waiting import until

pytestmark = pytest.mark.slow

OLD, FAILING, SLOW = (f"{PLACE}-v00{number}" for number in range(1, 4))
PERCENT = 20
RUNGS = tuple(Rung(percent=percent, soak=timedelta(0)) for percent in (0, PERCENT))

BY_AWS = frozenset({"logs:CreateLogStream", "logs:PutLogEvents", "ssm:GetParameters"})
"""Lambda writes logs in the function's name, and CloudFormation reads parameters."""

NOT_HERE = frozenset(
    {
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:RegisterScalableTarget",
        "ecs:DescribeServices",
        "ecs:UpdateService",
        "elasticloadbalancing:SetRulePriorities",
    }
)
"""For releases that are tasks, and for a named cohort."""

IMAGES = {
    **ORDERS_IN_MEMORY,
    PLACE: stand_in("place_order", "place-order"),
    f"{PLACE}@{digest(2)}": stand_in("place_order", "place-order", FAULT_ERRORS="0.8"),
    f"{PLACE}@{digest(3)}": stand_in("place_order", "place-order", FAULT_DELAY_MS="1500"),
}


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LivingServices]:
    with services_lab(tmp_path_factory.mktemp("alarmed")) as made:
        set_minute(made.lab, 1)
        made.start(IMAGES)
        yield made


def promoted(living: LivingServices, number: int, release: str) -> None:
    """Its tool dies right after the rule gave it a part of the traffic; nobody looks any more."""
    living.ready(number)
    until(lambda: not observe(living.service()).alarms)
    ask = Promote(by="ann", why="a live test", release=release, rungs=RUNGS, until=PERCENT)
    driver = Driver(living.service(), lambda _: None)
    while not isinstance((looked := driver.next(ask))[1], Route):
        driver.do(*looked, ask)
    living.shrink(1, 1)
    driver.do(*looked, ask)


@pytest.mark.parametrize(
    ("number", "release", "alarm"), [(2, FAILING, "ErrorRate"), (3, SLOW, "Latency")]
)
def test_an_alarm_takes_a_release_back_with_no_tool_running(
    living: LivingServices, number: int, release: str, alarm: str
) -> None:
    with Callers(living.url(), count=8, per_second=120) as callers:
        more(callers, 50)
        living.release(number)
        promoted(living, number, release)
        until(lambda: observe(living.service()).live == Traffic(shares={OLD: 100}))
        only(callers, OLD)
        until(lambda: (walk := observe(living.service()).walk) and walk.ended)
    seen = observe(living.service())
    assert seen.walk
    assert (seen.walk.candidate, seen.walk.ended) == (release, Ended.ROLLED_BACK)
    assert alarm in seen.walk.told
    assert seen.walk.told.startswith("alarm ")
    assert (seen.recorded, seen.settled) == (Traffic(shares={OLD: 100}), True)
    assert seen.holder
    assert seen.holder.who == BY
    assert {one.release for one in callers.failed} <= {release}
    old = seen.release(OLD)
    assert old
    assert old.minimum == 2, "it may not shrink while it may have to take everything"


def test_the_function_was_granted_what_it_called(living: LivingServices) -> None:
    cloud = LabCloud(living.lab)
    stack = stack_name(ESTATE, REGION, Kind.ROLLBACK, PLACE)
    resource = cloud.client("cloudformation", REGION).describe_stack_resource(
        StackName=stack, LogicalResourceId="Role"
    )
    role = resource["StackResourceDetail"]["PhysicalResourceId"]
    template = deployed(cloud, REGION, stack)
    called = frozenset(calls(living.lab)[role])
    assert compare(granted_actions(template), called, excused=BY_AWS | NOT_HERE) == []
