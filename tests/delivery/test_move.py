"""Moving traffic: what is asked for, what is refused, and interruptions at every call."""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paved_road_contract.stacks import Kind
from paved_road_delivery.cloud import RefusedError
from paved_road_delivery.service import Lane, LiveService
from tests.delivery.watched import Watched

pytestmark = pytest.mark.slow


class InterruptedHereError(Exception):
    """What stops a move in the middle."""


@dataclass
class Interrupting:
    """Ends the nth writing call, before or after it was done."""

    at: int
    done_first: bool
    seen: int = 0

    def around(self, _: str, __: dict[str, Any], call: Callable[[], Any]) -> Any:
        self.seen += 1
        stop = self.seen == self.at
        if stop and not self.done_first:
            raise InterruptedHereError
        answer = call()
        if stop:
            raise InterruptedHereError
        return answer


def lanes(service: LiveService) -> list[Lane]:
    """The release in service, the others at rest."""
    return [Lane(service.outputs()["One"], 1), *(Lane(one, 0) for one in service.idle()[1:])]


def state(service: LiveService) -> tuple[object, ...]:
    """Parameters, the live rule, and what the stack resolved its parameters to."""
    stack = service.client("cloudformation").describe_stacks(StackName=service.stack(Kind.ROUTING))
    given = {one["ParameterKey"]: one["ParameterValue"] for one in stack["Stacks"][0]["Parameters"]}
    return service.lanes(), service.live_weights(), given["Lane1TargetGroup"], given["Lane1Weight"]


def test_moving_traffic_changes_parameters_rule_and_stack(service: LiveService) -> None:
    wanted = lanes(service)
    service.move(wanted)
    one = service.outputs()["One"]
    weights = {lane.target_group: lane.weight for lane in wanted}
    assert state(service) == (wanted, weights, one, "1")


def test_moving_twice_is_moving_once(service: LiveService) -> None:
    service.move(lanes(service))
    once = state(service)
    service.move(lanes(service))
    assert state(service) == once


@pytest.mark.parametrize("done_first", [False, True])
@pytest.mark.parametrize("at", range(1, 9))
def test_a_move_that_was_interrupted_anywhere_can_be_repeated(
    service: LiveService, at: int, done_first: bool
) -> None:
    interrupting = Interrupting(at, done_first)
    cloud = Watched(service.cloud, interrupting.around)
    with pytest.raises(InterruptedHereError):
        replace(service, cloud=cloud).move(lanes(service))
    assert interrupting.seen == at
    service.move(lanes(service))
    wanted = lanes(service)
    weights = {lane.target_group: lane.weight for lane in wanted}
    assert state(service) == (wanted, weights, service.outputs()["One"], "1")


def test_nothing_is_moved_onto_nobody(service: LiveService) -> None:
    before = state(service)
    nobody = [Lane(service.outputs()["Two"], 1), *lanes(service)[1:]]
    with pytest.raises(RefusedError, match="has no healthy target"):
        service.move(nobody)
    assert state(service) == before


def test_the_stack_of_a_service_leaves_its_lanes_alone(service: LiveService) -> None:
    """The lab's CloudFormation heeds stack policies, as AWS's does."""
    service.move(lanes(service))
    service.keep_lanes()
    before = state(service)
    cloudformation = service.client("cloudformation")
    name = service.stack(Kind.SERVICE)
    template = cloudformation.get_template(StackName=name)["TemplateBody"]
    changed = copy.deepcopy(template)
    changed["Resources"]["Weight1"]["Properties"]["Description"] = "Weight of a lane"
    with pytest.raises(ClientError, match="denies this update of Weight1"):
        cloudformation.update_stack(StackName=name, TemplateBody=json.dumps(changed))
    template["Resources"]["Vpc"]["Properties"]["EnableDnsHostnames"] = True
    cloudformation.update_stack(StackName=name, TemplateBody=json.dumps(template))
    assert state(service) == before
