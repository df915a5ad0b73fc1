"""The routing stack: one rule, its lanes and their weights."""

import json
from fnmatch import fnmatch

import pytest
from aws_cdk import App

from paved_road.estate import EstateStack
from paved_road.service import CohortMark, RoutingStack
from paved_road_delivery import contract
from paved_road_delivery.contract import LANES, RoutingKey
from tests.synth.service.services import REGION, service, template_of
from tests.templates import Template, of_type


@pytest.fixture(scope="module")
def routing() -> Template:
    return template_of(RoutingStack(App(), REGION, service="place-order", owner="orders"))


def test_routing_holds_two_rules_and_reads_no_stack(routing: Template) -> None:
    kinds = [one["Type"] for one in routing["Resources"].values()]
    assert kinds == 2 * ["AWS::ElasticLoadBalancingV2::ListenerRule"]
    assert "Fn::GetStackOutput" not in json.dumps(routing)


def test_routing_takes_listener_targets_and_weights_from_parameters(
    routing: Template, internal: Template
) -> None:
    given = {
        one["Default"] for name, one in routing["Parameters"].items() if name != "BootstrapVersion"
    }
    assert len(given) == 3 + 2 * len(LANES)
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
    lanes = [contract.target_group_parameter("acme", "place-order", lane) for lane in LANES]
    arns = [json.dumps(values[name]) for name in lanes]
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


def test_a_cohort_that_nobody_named_is_behind_the_rule_that_takes_every_request(
    routing: Template, internal: Template
) -> None:
    values = {
        one["Name"]: one["Value"] for one in of_type(internal, "AWS::SSM::Parameter").values()
    }
    behind = int(values[contract.cohort_priority_parameter("acme", "place-order")])
    live, cohort = rules(routing)
    assert contract.COHORT_FRONT < live["Priority"] < behind
    assert cohort["Priority"] == {"Ref": RoutingKey.COHORT_PRIORITY}


@pytest.mark.parametrize(
    ("cookie", "of_it"),
    [
        ("cohort=early", True),
        ("cohort=early; a=b", True),
        ("a=b; cohort=early", True),
        ("a=b; cohort=early; c=d", True),
        ("cohort=late", False),
        ("mycohort=early", False),
        ("a=cohort=early", False),
    ],
)
def test_a_cookie_may_name_the_cohort_among_others(cookie: str, of_it: bool) -> None:
    made = RoutingStack(
        App(), REGION, service="place-order", owner="orders", cohort_by=CohortMark.COOKIE
    )
    (condition,) = rules(template_of(made))[1]["Conditions"]
    config = condition["HttpHeaderConfig"]
    assert config["HttpHeaderName"] == "cookie"
    assert len(config["Values"]) <= 3, "what a condition takes"
    assert any(fnmatch(cookie, pattern) for pattern in config["Values"]) is of_it


def test_a_cohort_is_named_by_a_header_otherwise(routing: Template) -> None:
    (condition,) = rules(routing)[1]["Conditions"]
    assert condition["HttpHeaderConfig"] == {
        "HttpHeaderName": contract.COHORT_HEADER,
        "Values": [contract.COHORT],
    }


def test_group_stickiness_is_off(routing: Template) -> None:
    assert "Stickiness" not in json.dumps(rules(routing))


def rules(routing: Template) -> tuple[Template, Template]:
    """Everybody's, and the cohort's."""
    found = of_type(routing, "AWS::ElasticLoadBalancingV2::ListenerRule")
    return found["Live"], found["Cohort"]
