"""A walk makes its own baseline in an AWS of the lab, and whoever dies on the way leaves none."""

from datetime import timedelta

import pytest

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery.contract import ReleaseParameter, baseline_name, baseline_priority
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Promote, Retire, Rollback, Seen, Traffic, Verdict
from paved_road_delivery.ladder.asks import Rung
from paved_road_delivery.ladder.seen import Judged, Stack
from paved_road_delivery.ladder.steps import Done
from paved_road_delivery.listing import deployed_template
from paved_road_delivery.observe import observe, stack_at
from paved_road_delivery.service import LiveService, describe_stack
from tests.delivery.dying import run_dying
from tests.delivery.releases import in_service, stand

pytestmark = pytest.mark.slow

NOTHING = timedelta(0)
RUNGS = (
    Rung(percent=0, soak=NOTHING),
    Rung(percent=10, soak=NOTHING, judged=True),
    Rung(percent=100, soak=NOTHING),
)


def passes(seen: Seen) -> Verdict | None:
    walk = seen.walk
    if walk is None:
        return None
    return Verdict(candidate=walk.candidate, judged=Judged.PASS, since=walk.since)


def promote(release: str, until: int = 100) -> Promote:
    return Promote(
        by="ann", why="new prices", release=release, rungs=RUNGS, copies=True, until=until
    )


def driver(service: LiveService) -> Driver:
    return Driver(service, lambda _: None, passes, lambda _: None)


def stacks_of(service: LiveService, release: str) -> list[str]:
    """States of all stacks that ever had its name."""
    name = stack_name(service.estate, service.region, Kind.RELEASE, release)
    pages = service.client("cloudformation").get_paginator("list_stacks").paginate()
    found = [stack for page in pages for stack in page["StackSummaries"]]
    return [one["StackStatus"] for one in found if one["StackName"] == name]


def test_it_is_the_deployed_template_under_another_name(service: LiveService) -> None:
    old, new = in_service(service, 1, 2)
    made = baseline_name(old)
    assert isinstance(driver(service).run(promote(new, until=10)), Done)
    seen = observe(service)
    assert seen.live == seen.recorded == Traffic(shares={old: 80, new: 10, made: 10})
    found = seen.release(made)
    assert found
    assert (found.registered, found.minimum) == (2, 2)
    template = deployed_template(service, made)
    assert str(template).replace(made, old) == str(deployed_template(service, old))
    stack = describe_stack(
        service.client("cloudformation"),
        stack_name(service.estate, service.region, Kind.RELEASE, made),
    )
    assert stack
    given = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Parameters"]}
    assert given == {
        ReleaseParameter.CELL: "baseline",
        ReleaseParameter.PRIORITY: str(baseline_priority(1)),
        ReleaseParameter.FLOOR: "2",
    }


def test_up_through_a_death_after_every_call(service: LiveService) -> None:
    old, new = in_service(service, 1, 2)
    step, died = run_dying(service, promote(new), lambda: None, passes)
    assert isinstance(step, Done)
    assert died > 20
    seen = observe(service)
    assert seen.live == seen.recorded == Traffic(shares={new: 100})
    assert {one.name for one in seen.releases} == {old, new}
    assert stacks_of(service, baseline_name(old)) == ["DELETE_COMPLETE"], "made once"


def test_back_through_a_death_after_every_call(service: LiveService) -> None:
    old, new = in_service(service, 1, 2)
    assert isinstance(driver(service).run(promote(new, until=10)), Done)
    step, _ = run_dying(service, Rollback(by="ann", why="complaints"), lambda: None)
    assert isinstance(step, Done)
    seen = observe(service)
    assert seen.live == seen.recorded == Traffic(shares={old: 100})
    assert {one.name for one in seen.releases} == {old, new}


@pytest.mark.parametrize(
    ("status", "at"),
    [
        ("CREATE_IN_PROGRESS", Stack.COMING),
        ("REVIEW_IN_PROGRESS", Stack.COMING),
        ("CREATE_COMPLETE", Stack.WHOLE),
        ("CREATE_FAILED", Stack.BROKEN),
        ("ROLLBACK_COMPLETE", Stack.BROKEN),
        ("DELETE_IN_PROGRESS", Stack.GOING),
        ("DELETE_FAILED", Stack.STUCK),
    ],
)
def test_a_stack_is_at_what_cloudformation_says(status: str, at: Stack) -> None:
    assert stack_at(status) is at


def test_who_may_only_move_traffic_leaves_it_to_whoever_retires(service: LiveService) -> None:
    old, new = in_service(service, 1, 2)
    unwanted = stand(service, 3)
    assert isinstance(driver(service).run(promote(new, until=10)), Done)
    back = Rollback(by="alarms", why="alarm", tidies=False)
    assert isinstance(driver(service).run(back), Done)
    assert observe(service).release(baseline_name(old))
    retire = Retire(by="ann", why="", release=unwanted, confirmed=True)
    assert isinstance(driver(service).run(retire), Done)
    assert {one.name for one in observe(service).releases} == {old, new}
