"""Whatever deploys a template, traffic stays where the parameters say it is.

CloudFormation is played by a few lines: how it fills parameters, when it updates a row, and what
its handler of SSM parameters does then.
"""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from aws_cdk import App, Tags
from hypothesis import given, settings
from hypothesis import strategies as st

from paved_road.estate import EstateStack
from paved_road.service import RoutingStack
from paved_road_delivery import contract
from paved_road_delivery.policies import LANES_STAY
from tests.synth.service.services import REGION, release, service, template_of
from tests.templates import Template, of_type

SSM = "AWS::SSM::Parameter::Value<String>"
Store = Mapping[str, str]


def live_store(weights: tuple[int, ...], place: int = contract.COHORT_BEHIND) -> dict[str, str]:
    """SSM after the tool has moved traffic."""
    store = {
        contract.listener_parameter("acme", "place-order"): "listener-arn",
        contract.cohort_target_group_parameter("acme", "place-order"): "release-2",
        contract.cohort_priority_parameter("acme", "place-order"): str(place),
    }
    for lane, weight in zip(contract.LANES, weights, strict=True):
        store[contract.target_group_parameter("acme", "place-order", lane)] = f"release-{lane}"
        store[contract.weight_parameter("acme", "place-order", lane)] = str(weight)
    return store


def deployed_rules(template: Template, store: Store, passed: Mapping[str, str]) -> Any:
    """The rules' properties; `passed` are parameters that the deployer gives, names for SSM's."""
    values = {}
    for name, declared in template["Parameters"].items():
        given = passed.get(name, declared.get("Default"))
        values[name] = store[given] if declared["Type"] == SSM else given
    text = json.dumps(of_type(template, "AWS::ElasticLoadBalancingV2::ListenerRule"))
    for name, value in values.items():
        text = text.replace(json.dumps({"Ref": name}), json.dumps(value))
    return json.loads(text)


@pytest.fixture(scope="module")
def routing() -> Template:
    return template_of(RoutingStack(App(), REGION, service="place-order", owner="orders"))


@given(
    weights=st.tuples(*(st.integers(0, contract.MOST_WEIGHT) for _ in contract.LANES)),
    place=st.sampled_from((contract.COHORT_FRONT, contract.COHORT_BEHIND)),
)
@settings(max_examples=25)
def test_no_way_of_passing_parameters_moves_traffic(
    routing: Template, weights: tuple[int, ...], place: int
) -> None:
    """Previous ones kept (the CDK CLI) or reset to defaults (`--no-previous-parameters`)."""
    store = {**live_store(weights, place), "/cdk-bootstrap/hnb659fds/version": "30"}
    names = {name: one["Default"] for name, one in routing["Parameters"].items()}
    for rules in [deployed_rules(routing, store, passed) for passed in ({}, names)]:
        assert rules["Cohort"]["Priority"] == str(place)
        assert rules["Cohort"]["Actions"][0]["TargetGroupArn"] == "release-2"
        groups = rules["Live"]["Actions"][0]["ForwardConfig"]["TargetGroups"]
        assert [one["Weight"] for one in groups] == [str(one) for one in weights]
        assert [one["TargetGroupArn"] for one in groups] == [f"release-{n}" for n in contract.LANES]


def test_nothing_in_routing_says_a_weight_of_its_own(routing: Template) -> None:
    """Neither a plain parameter nor a literal: nothing that a deployer or a default could set."""
    plain = [name for name, one in routing["Parameters"].items() if one["Type"] != SSM]
    assert plain == []
    rules = of_type(routing, "AWS::ElasticLoadBalancingV2::ListenerRule")
    assert set(rules["Cohort"]["Actions"][0]["TargetGroupArn"]) == {"Ref"}
    for one in rules["Live"]["Actions"][0]["ForwardConfig"]["TargetGroups"]:
        assert all(set(value) == {"Ref"} for value in one.values())


def test_a_release_that_comes_or_goes_changes_no_byte_of_service_and_routing() -> None:
    def both(*numbers: int) -> list[Template]:
        app = App()
        stack = service(app).node.scope
        assert isinstance(stack, EstateStack)
        road = RoutingStack(app, REGION, service="place-order", owner="orders")
        for number in numbers:
            release(app, number)
        made = app.synth()
        return [made.get_stack_by_name(one.stack_name).template for one in (stack, road)]

    assert both() == both(42) == both(42, 43)
    assert "v042" not in json.dumps(both(42))


def updated(
    store: dict[str, str], before: Template, after: Template, policy: str
) -> dict[str, str]:
    """SSM after a service's stack was updated; the update fails where its policy denies a row."""
    made = dict(store)
    for id, row in of_type(after, "AWS::SSM::Parameter").items():
        if row == before["Resources"][id]["Properties"]:
            continue
        if denies(policy, "AWS::SSM::Parameter"):
            return store
        made[row["Name"]] = json.dumps(row["Value"])
    return made


def denies(policy: str, kind: str) -> bool:
    """As CloudFormation reads a stack policy: what is not allowed is denied, and denials win."""
    allowed = False
    for statement in json.loads(policy)["Statement"]:
        kinds = statement.get("Condition", {}).get("StringEquals", {}).get("ResourceType", [kind])
        if kind in kinds and statement["Effect"] == "Deny":
            return True
        allowed = allowed or kind in kinds
    return not allowed


def test_a_new_tag_on_a_service_moves_no_traffic(internal: Template) -> None:
    """Tags are on parameters too, and whoever updates one puts the template's value."""
    stack = service(App()).node.scope
    assert isinstance(stack, EstateStack)
    before = template_of(stack)
    tagged = service(App()).node.scope
    assert isinstance(tagged, EstateStack)
    Tags.of(tagged).add("cost-center", "orders")
    after = template_of(tagged)
    assert before != after
    store = live_store((95, 5, 0))
    everything = json.dumps({"Statement": [{"Effect": "Allow", "Resource": "*"}]})
    assert updated(store, before, after, everything) != store
    assert updated(store, before, after, LANES_STAY) == store
    other = copy.deepcopy(internal)
    assert updated(store, internal, other, LANES_STAY) == store


def test_the_policy_of_a_service_hinders_nothing_else(internal: Template) -> None:
    kinds = {one["Type"] for one in internal["Resources"].values()} - {"AWS::SSM::Parameter"}
    assert kinds
    assert not any(denies(LANES_STAY, kind) for kind in kinds)
