"""Moving traffic: what is asked for, what is refused, and interruptions at every call."""

import copy
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from paved_road_contract.stacks import Kind
from paved_road_delivery.cloud import Cloud, RefusedError
from paved_road_delivery.service import Lane, LiveService

pytestmark = pytest.mark.slow

WRITES = ("put_parameter", "modify_rule", "update_stack")


class InterruptedHereError(Exception):
    """What stops a move in the middle."""


@dataclass
class Interrupting:
    """A cloud whose nth writing call fails, before or after it was done."""

    inner: Cloud
    at: int
    done_first: bool
    seen: int = 0

    @property
    def environment(self) -> Any:
        return self.inner.environment

    def client(self, service: str, region: str) -> Any:
        return _Client(self, self.inner.client(service, region))


class _Client:
    def __init__(self, cloud: Interrupting, client: Any) -> None:
        self._cloud, self._client = cloud, client

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)
        if name not in WRITES:
            return method

        def call(**given: Any) -> Any:
            self._cloud.seen += 1
            stop = self._cloud.seen == self._cloud.at
            if stop and not self._cloud.done_first:
                raise InterruptedHereError
            answer = method(**given)
            if stop:
                raise InterruptedHereError
            return answer

        return call


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
    interrupting = Interrupting(service.cloud, at, done_first)
    with pytest.raises(InterruptedHereError):
        replace(service, cloud=interrupting).move(lanes(service))
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
