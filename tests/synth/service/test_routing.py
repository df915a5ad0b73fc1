"""The routing stack: one rule, its lanes and their weights."""

import json

import pytest
from aws_cdk import App

from paved_road.estate import EstateStack
from paved_road.service import RoutingStack
from paved_road_delivery.contract import LANES
from tests.synth.service.services import REGION, service, template_of
from tests.templates import Template, of_type


@pytest.fixture(scope="module")
def routing() -> Template:
    return template_of(RoutingStack(App(), REGION, service="place-order", owner="orders"))


def test_routing_holds_one_rule_and_reads_no_stack(routing: Template) -> None:
    kinds = [one["Type"] for one in routing["Resources"].values()]
    assert kinds == ["AWS::ElasticLoadBalancingV2::ListenerRule"]
    assert "Fn::GetStackOutput" not in json.dumps(routing)


def test_routing_takes_listener_targets_and_weights_from_parameters(
    routing: Template, internal: Template
) -> None:
    given = {
        one["Default"] for name, one in routing["Parameters"].items() if name != "BootstrapVersion"
    }
    assert len(given) == 1 + 2 * len(LANES)
    assert all(
        one["Type"] == "AWS::SSM::Parameter::Value<String>"
        for one in routing["Parameters"].values()
    )
    made = {one["Name"] for one in of_type(internal, "AWS::SSM::Parameter").values()}
    made = {name for name in made if name.startswith("/acme/place-order/")}
    assert given == made


def test_no_lane_shares_a_target_group_and_one_has_weight(internal: Template) -> None:
    values = {
        one["Name"]: one["Value"] for one in of_type(internal, "AWS::SSM::Parameter").values()
    }
    arns = [json.dumps(v) for name, v in values.items() if name.endswith("target-group")]
    weights = [v for name, v in values.items() if name.endswith("weight")]
    assert len(set(arns)) == len(LANES)
    assert sorted(weights) == ["0", "0", "1"]


def test_lanes_at_rest_stay_when_members_listen_elsewhere(internal: Template) -> None:
    """Another port would replace them, and routing would send all traffic to the empty ones."""
    made = service(App(), member_port=9000)
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    kind = "AWS::ElasticLoadBalancingV2::TargetGroup"
    assert of_type(template_of(stack), kind) == of_type(internal, kind)


def test_group_stickiness_is_off(routing: Template) -> None:
    (rule,) = of_type(routing, "AWS::ElasticLoadBalancingV2::ListenerRule").values()
    assert "TargetGroupStickinessConfig" not in rule["Actions"][0]["ForwardConfig"]
