"""Whatever updates the routing stack in the middle of a walk, traffic stays where it is."""

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paved_road_contract.stacks import Kind
from paved_road_delivery import contract
from paved_road_delivery.drive import Driver
from paved_road_delivery.ladder import Promote, Traffic
from paved_road_delivery.ladder.asks import Rung
from paved_road_delivery.ladder.steps import Done
from paved_road_delivery.observe import observe
from paved_road_delivery.service import LiveService, describe_stack
from tests.delivery.releases import in_service

pytestmark = pytest.mark.slow

AT_FIVE = tuple(Rung(percent=n, soak=timedelta(0), cohort=True) for n in (0, 5))


@pytest.fixture
def at_five(service: LiveService) -> Traffic:
    """A release has 5% and the cohort."""
    old, new = in_service(service, 1, 2)
    ask = Promote(by="ann", why="new prices", release=new, rungs=AT_FIVE, until=5)
    assert isinstance(Driver(service, lambda _: None, pause=lambda _: None).run(ask), Done)
    return Traffic(shares={old: 95, new: 5}, cohort=new)


def update(service: LiveService, template: dict[str, Any], parameters: Any) -> None:
    service.client("cloudformation").update_stack(
        StackName=service.stack(Kind.ROUTING),
        TemplateBody=json.dumps(template),
        Parameters=parameters,
    )


def previous(template: dict[str, Any]) -> list[dict[str, Any]]:
    """As the CDK command line updates."""
    return [{"ParameterKey": key, "UsePreviousValue": True} for key in template["Parameters"]]


def defaults(template: dict[str, Any]) -> list[dict[str, Any]]:
    """As it does with --no-previous-parameters."""
    return [
        {"ParameterKey": key, "ParameterValue": one["Default"]}
        for key, one in template["Parameters"].items()
    ]


def none(_: dict[str, Any]) -> list[dict[str, Any]]:
    """As a pipeline does."""
    return []


def standing(service: LiveService) -> dict[str, Any]:
    found = service.client("cloudformation").get_template(StackName=service.stack(Kind.ROUTING))
    return copy.deepcopy(found["TemplateBody"])


def conditions_of(rule: dict[str, Any]) -> Any:
    return rule["Conditions"][0]["Values"]


@pytest.mark.parametrize("passed", [previous, defaults, none])
def test_an_unrelated_property_changes_no_share(
    service: LiveService, at_five: Traffic, passed: Callable[[dict[str, Any]], Any]
) -> None:
    template = standing(service)
    conditions = template["Resources"]["Live"]["Properties"]["Conditions"]
    conditions[0]["Values"] = ["*"]
    update(service, template, passed(template))
    assert conditions_of(service.live_rule()) == ["*"]
    seen = observe(service)
    assert seen.live == seen.recorded == at_five
    assert seen.settled


@pytest.mark.parametrize("passed", [previous, defaults, none])
def test_an_update_that_fails_and_is_rolled_back_changes_no_share(
    service: LiveService, at_five: Traffic, passed: Callable[[dict[str, Any]], Any]
) -> None:
    template = standing(service)
    template["Resources"]["Live"]["Properties"]["Conditions"][0]["Values"] = ["*"]
    template["Resources"]["Second"] = copy.deepcopy(template["Resources"]["Live"])
    with pytest.raises(ClientError, match="PriorityInUse"):
        update(service, template, passed(template))
    stack = describe_stack(service.client("cloudformation"), service.stack(Kind.ROUTING))
    assert stack
    assert stack["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert conditions_of(service.live_rule()) == ["/*"]
    seen = observe(service)
    assert seen.live == seen.recorded == at_five


def test_a_literal_weight_would_move_it(service: LiveService, at_five: Traffic) -> None:
    """What these tests would see if routing's template said weights of its own."""
    template = standing(service)
    rule = template["Resources"]["Live"]["Properties"]["Actions"][0]["ForwardConfig"]
    for lane, one in zip(contract.LANES, rule["TargetGroups"], strict=True):
        one["Weight"] = 1 if lane == contract.LANES[0] else 0
    update(service, template, previous(template))
    assert observe(service).live != at_five
