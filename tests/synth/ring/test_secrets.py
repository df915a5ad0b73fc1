"""What a ring keeps secret, who reads it, and what everybody may know."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Match, Template

from paved_road_ring_agent.contract import (
    UNFORMED,
    UNTRUSTED,
    authority_secret,
    contacts_parameter,
    superuser_secret,
    trust_parameter,
)
from tests.synth.ring.rings import of_type, properties, ring_stack

SECRET = "AWS::SecretsManager::Secret"


def secrets(template: Template) -> dict[str, Any]:
    return {one["Name"]: one for one in properties(template, SECRET)}


def test_the_superusers_password_is_drawn_by_cloudformation(template: Template) -> None:
    drawn = secrets(template)[superuser_secret("acme", "orders")]["GenerateSecretString"]
    assert json.loads(drawn["SecretStringTemplate"]) == {"username": "paved-road-us-east-1"}
    assert (drawn["GenerateStringKey"], drawn["PasswordLength"]) == ("password", 48)


def test_the_authority_has_no_value_before_an_agent_makes_one(template: Template) -> None:
    authority = secrets(template)[authority_secret("acme", "orders")]
    assert not {"SecretString", "GenerateSecretString"} & authority.keys()


def test_both_are_encrypted_with_the_rings_key_and_outlive_the_stack(template: Template) -> None:
    for secret in of_type(template, SECRET):
        assert secret["DeletionPolicy"] == secret["UpdateReplacePolicy"] == "Retain"
        assert "StateKey" in json.dumps(secret["Properties"]["KmsKeyId"])


def test_nobody_but_the_nodes_reads_or_writes_the_authority(template: Template) -> None:
    (policy,) = properties(template, "AWS::SecretsManager::ResourcePolicy")
    (statement,) = policy["ResourcePolicy"]["Statement"]
    assert policy["BlockPublicPolicy"] is True
    assert statement["Effect"] == "Deny"
    assert statement["Principal"] == "*"
    assert "AccessRole" in json.dumps(statement["Condition"]["ArnNotEquals"])


def test_nodes_put_the_authority_alone_and_read_the_rings_secrets_alone(
    template: Template,
) -> None:
    (policy,) = properties(template, "AWS::IAM::ManagedPolicy")
    by_action = {
        action: one["Resource"]
        for one in policy["PolicyDocument"]["Statement"]
        for action in one["Action"]
    }
    (put,) = by_action["secretsmanager:PutSecretValue"]
    assert "SecretsAuthority" in put["Ref"]
    (read,) = by_action["secretsmanager:GetSecretValue"]
    assert json.dumps(read).endswith(':secret:acme/rings/orders/*"]]}')
    for action, ends in (
        ("ssm:PutParameter", ("trust", "contacts")),
        ("ssm:GetParametersByPath", ("clients", "clients/")),
    ):
        for resource, end in zip(by_action[action], ends, strict=True):
            assert f'parameter/acme/rings/orders/{end}"]]}}' in json.dumps(resource)
        assert "*" not in json.dumps(by_action[action])


def test_the_roots_and_the_contacts_are_no_secrets_and_begin_empty(template: Template) -> None:
    for name, before in ((trust_parameter, UNTRUSTED), (contacts_parameter, UNFORMED)):
        told = {"Name": name("acme", "orders"), "Type": "String", "Value": before}
        template.has_resource_properties("AWS::SSM::Parameter", told)


@pytest.mark.parametrize("deletable", [False, True])
def test_no_template_holds_a_password(deletable: bool) -> None:
    made = Template.from_stack(ring_stack(deletable=deletable))
    for secret in of_type(made, SECRET):
        assert "SecretString" not in secret["Properties"]
    made.resource_properties_count_is(SECRET, {"Name": Match.any_value()}, 2)
