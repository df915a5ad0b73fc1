"""What connecting a service to a ring adds to the service's own stack."""

import json

import pytest
from aws_cdk import App

from paved_road.estate import EstateStack
from paved_road.faults import PropsError
from paved_road.ring import Ring
from paved_road_ring_agent.contract import client_parameter, client_secret
from tests.synth.service.services import REGION, service, template_of
from tests.templates import Template, of_type


def connected(*keyspaces: str) -> Template:
    made = service(App())
    ring = Ring.from_estate(made, REGION, "orders")
    made.connects_to(ring.for_keyspaces(*keyspaces) if keyspaces else ring)
    stack = made.node.scope
    assert isinstance(stack, EstateStack)
    return template_of(stack)


def entry(template: Template) -> dict[str, list[str]]:
    name = client_parameter("acme", "orders", "place-order")
    (value,) = (
        one["Value"]
        for one in of_type(template, "AWS::SSM::Parameter").values()
        if one["Name"] == name
    )
    found: dict[str, list[str]] = json.loads(value)
    return found


def test_a_service_has_two_roles_whose_passwords_cloudformation_draws(internal: Template) -> None:
    secrets = of_type(internal, "AWS::SecretsManager::Secret").values()
    assert {
        one["Name"]: json.loads(one["GenerateSecretString"]["SecretStringTemplate"])
        for one in secrets
    } == {
        client_secret("acme", "orders", "place-order", turn): {
            "username": f"place-order-us-east-1-{turn}"
        }
        for turn in "ab"
    }
    for one in secrets:
        assert "KeyArn" in json.dumps(one["KmsKeyId"])


def test_the_entry_that_agents_look_for_names_its_keyspaces_and_secrets() -> None:
    assert entry(connected())["keyspaces"] == ["place_order"]
    assert entry(connected("stock", "orders"))["keyspaces"] == ["orders", "stock"]
    assert entry(connected())["secrets"] == [
        "acme/rings/orders/clients/place-order/a",
        "acme/rings/orders/clients/place-order/b",
    ]


def test_its_members_read_their_own_secrets_the_roots_and_the_contacts_and_nothing_else(
    internal: Template,
) -> None:
    (policy,) = of_type(internal, "AWS::IAM::ManagedPolicy").values()
    by_sid = {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}
    assert set(by_sid) == {"ReadOwnPasswords", "DecryptThem", "KnowTheNodes"}
    assert all("Ref" in one for one in by_sid["ReadOwnPasswords"]["Resource"])
    known = by_sid["KnowTheNodes"]
    assert known["Action"] == ["ssm:GetParameter"]
    for one, name in zip(known["Resource"], ("trust", "contacts"), strict=True):
        assert f'parameter/acme/rings/orders/{name}"' in json.dumps(one)
    assert "*" not in json.dumps(policy["PolicyDocument"]["Statement"])
    assert by_sid["DecryptThem"]["Condition"] == {
        "StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}
    }


@pytest.mark.parametrize(
    "keyspace", ["system_auth", "paved_road", "Orders", "orders; DROP", "1st", ""]
)
def test_keyspaces_that_are_cassandras_or_no_names_are_refused(keyspace: str) -> None:
    with pytest.raises(PropsError, match="keyspaces must be lower-case names"):
        connected("orders", keyspace)
