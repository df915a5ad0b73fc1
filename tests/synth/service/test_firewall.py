"""Who reaches a service's load balancer and members, and whom they reach."""

import json

import pytest
from aws_cdk import App

from paved_road.estate import EstateStack
from paved_road.ring import Ring
from paved_road.service import Exposure, Service
from tests.synth.service.services import CERTIFICATE, REGION, groups, service, template_of
from tests.templates import Template, of_type


@pytest.fixture(scope="module")
def public() -> Template:
    made = service(App(), exposure=Exposure.INTERNET, certificate_arn=CERTIFICATE)
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    return template_of(stack)


def test_an_internal_service_admits_nobody_until_somebody_is_named(internal: Template) -> None:
    (balancer,) = of_type(internal, "AWS::ElasticLoadBalancingV2::LoadBalancer").values()
    assert balancer["Scheme"] == "internal"
    assert not groups(internal)["Load balancer of place-order"].get("SecurityGroupIngress")
    assert "0.0.0.0/0" not in json.dumps(
        [one.get("SecurityGroupIngress") for one in groups(internal).values()]
    )


def test_named_clients_and_testers_reach_their_own_listener_only() -> None:
    made = service(App(), clients=["10.9.0.0/16", "sg-0a"], testers=["10.8.0.0/24"])
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    rules = groups(template_of(stack))["Load balancer of place-order"]["SecurityGroupIngress"]
    admitted = [(one.get("CidrIp") or one["SourceSecurityGroupId"], one["ToPort"]) for one in rules]
    assert admitted == [("10.9.0.0/16", 80), ("sg-0a", 80), ("10.8.0.0/24", 8080)]


def test_a_public_service_answers_under_tls_only(public: Template) -> None:
    listeners = of_type(public, "AWS::ElasticLoadBalancingV2::Listener").values()
    assert {one["Protocol"] for one in listeners} == {"HTTPS"}
    assert {one["Port"] for one in listeners} == {443, 8443}
    assert all(one["SslPolicy"].startswith("ELBSecurityPolicy-TLS13") for one in listeners)
    (rule,) = groups(public)["Load balancer of place-order"]["SecurityGroupIngress"]
    assert (rule["CidrIp"], rule["FromPort"], rule["ToPort"]) == ("0.0.0.0/0", 443, 443)


def test_listeners_refuse_until_a_rule_forwards(internal: Template) -> None:
    for listener in of_type(internal, "AWS::ElasticLoadBalancingV2::Listener").values():
        (action,) = listener["DefaultActions"]
        assert action["FixedResponseConfig"]["StatusCode"] == "503"


def test_members_admit_the_load_balancer_alone(internal: Template) -> None:
    members = groups(internal)["Members of place-order"]
    assert "SecurityGroupIngress" not in members
    into_members = [
        one
        for one in of_type(internal, "AWS::EC2::SecurityGroupIngress").values()
        if "Members" in json.dumps(one["GroupId"])
    ]
    (only,) = into_members
    assert "Front" in json.dumps(only["SourceSecurityGroupId"])
    assert only["FromPort"] == only["ToPort"] == 8080


def test_no_rule_of_a_group_is_said_twice(internal: Template) -> None:
    """AWS refuses a rule that stands already, inline or as a resource of its own."""
    rules: list[tuple[str, ...]] = []
    for name, one in of_type(internal, "AWS::EC2::SecurityGroup").items():
        for rule in one.get("SecurityGroupEgress", ()):
            to = rule.get("DestinationSecurityGroupId", rule.get("CidrIp"))
            rules.append((name, json.dumps(to), str(rule["FromPort"])))
    for one in of_type(internal, "AWS::EC2::SecurityGroupEgress").values():
        group = one["GroupId"]["Fn::GetAtt"][0]
        to = json.dumps(one["DestinationSecurityGroupId"])
        rules.append((group, to, str(one["FromPort"])))
    assert len(set(rules)) == len(rules)


def test_connecting_twice_adds_one_rule_each_way_in_the_callers_stack(internal: Template) -> None:
    for kind in ("Ingress", "Egress"):
        rules = of_type(internal, f"AWS::EC2::SecurityGroup{kind}").values()
        assert [one["FromPort"] for one in rules if one["FromPort"] == 9042] == [9042]
        assert [one["FromPort"] for one in rules if one["FromPort"] == 80] == [80]


def test_a_ring_and_a_service_of_one_name_are_two_stores() -> None:
    made = service(App())
    for name in ("orders", "ring-orders"):
        made.connects_to(Ring.from_estate(made, REGION, name))
        made.connects_to(Service.from_estate(made, REGION, name))
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    rules = of_type(template_of(stack), "AWS::EC2::SecurityGroupEgress").values()
    assert sorted(one["FromPort"] for one in rules) == [80, 80, 9042, 9042]
