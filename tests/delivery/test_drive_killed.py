"""A driver is killed after any call that writes: another goes on, and nothing was sent astray."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from paved_road_delivery import contract
from paved_road_delivery.cohort import CohortRule
from paved_road_delivery.contract import ReleaseOutput
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Promote, Retire, Rollback, Traffic
from paved_road_delivery.ladder.asks import LADDER
from paved_road_delivery.ladder.steps import Done
from paved_road_delivery.listing import release_stacks
from paved_road_delivery.observe import observe
from paved_road_delivery.service import LiveService, outputs_of
from tests.delivery.dying import run_dying
from tests.delivery.releases import in_service
from tests.delivery.watched import Watched

pytestmark = pytest.mark.slow

RUNGS = tuple(replace(rung, soak=timedelta(0), judged=False) for rung in LADDER)


def none_at_rest_has_weight(service: LiveService) -> None:
    """Whoever updates the stack at this moment: nobody is sent to where nobody stands."""
    service.settle()
    idle = set(service.idle())
    assert CohortRule(service).live() not in idle
    assert not [arn for arn, weight in service.live_weights().items() if weight and arn in idle]
    observe(service)


def test_up_and_back_through_a_death_after_every_call(service: LiveService) -> None:
    old, new = in_service(service, 1, 2)

    def met_by_an_update() -> None:
        none_at_rest_has_weight(service)

    up = Promote(by="ann", why="new prices", release=new, rungs=RUNGS)
    step, died = run_dying(service, up, met_by_an_update)
    assert isinstance(step, Done)
    assert died > 20
    seen = observe(service)
    assert seen.live == seen.recorded == Traffic(shares={new: 100})
    step, died = run_dying(service, Rollback(by="ann", why="complaints"), met_by_an_update)
    assert isinstance(step, Done)
    assert died > 5
    seen = observe(service)
    assert seen.live == seen.recorded == Traffic(shares={old: 100})
    assert seen.settled


def test_who_retires_clears_what_a_dead_driver_left(service: LiveService) -> None:
    """A target group that a rule names, even one behind all others, can't be deleted."""
    old, new = in_service(service, 1, 2)
    driver = Driver(service, lambda _: None, pause=lambda _: None)
    groups = target_groups(service)
    up = Promote(by="ann", why="", release=new, rungs=RUNGS, hold=timedelta(0))
    assert isinstance(driver.run(up), Done)
    lanes = service.lanes()
    rest = next(n for n, lane in zip(contract.LANES, lanes, strict=True) if not lane.weight)
    for name in (
        contract.target_group_parameter("acme", service.name, rest),
        contract.cohort_target_group_parameter("acme", service.name),
    ):
        service.client("ssm").put_parameter(Name=name, Value=groups[old], Overwrite=True)
    assert not service.settle()
    assert named(service, groups[old])
    assert isinstance(driver.run(Retire(by="ann", why="", release=old, confirmed=True)), Done)
    assert not named(service, groups[old])
    assert observe(service).live == Traffic(shares={new: 100})


def named(service: LiveService, group: str) -> bool:
    """Whether a rule or a parameter names the target group."""
    rules = [service.live_rule(), service.rule(contract.COHORT_FRONT, contract.COHORT_BEHIND)]
    lanes = [lane.target_group for lane in service.lanes()]
    return group in json.dumps([rules, lanes, CohortRule(service).parameters().resolved])


def target_groups(service: LiveService) -> dict[str, str]:
    """Of each release."""
    found = [outputs_of(stack) for stack in release_stacks(service)]
    return {one[ReleaseOutput.RELEASE]: one[ReleaseOutput.TARGET_GROUP] for one in found}


def test_a_look_reads_each_parameter_once(service: LiveService) -> None:
    in_service(service, 1, 2)
    read: list[str] = []

    def around(_: str, given: dict[str, Any], call: Callable[[], Any]) -> Any:
        read.append(given["Name"])
        return call()

    watched = Watched(service.cloud, around, calls=frozenset({"get_parameter"}))
    observe(replace(service, cloud=watched))
    assert contract.cohort_target_group_parameter("acme", service.name) in read
    assert sorted(set(read)) == sorted(read)
