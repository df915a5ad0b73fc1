"""Secrets in templates: stock moto's CloudFormation has no model for them and skips them.

A password is drawn once, when the secret is made; a secret for which the template gives no value
has none until somebody puts one. Updates change descriptions and leave values alone: on AWS a
changed `GenerateSecretString` draws anew, and no template of ours changes it.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
"""

import json
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.secretsmanager.models import SecretsManagerBackend, secretsmanager_backends


class Secret(CloudFormationModel):
    """A secret that a stack made. Its `Ref` is its ARN."""

    def __init__(self, name: str, arn: str) -> None:
        self.name, self.physical_resource_id = name, arn

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that names it."""
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        """As templates call it."""
        return "AWS::SecretsManager::Secret"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        **_: Any,
    ) -> "Secret":
        """Make it, with the value that the template gives, draws, or leaves out."""
        given = cloudformation_json["Properties"]
        backend = secretsmanager_backends[account_id][region_name]
        made = backend.create_secret(
            name=resource_name,
            secret_string=_value(backend, given),
            secret_binary=None,
            description=given.get("Description"),
            tags=given.get("Tags", []),
            kms_key_id=given.get("KmsKeyId"),
            client_request_token=None,
            replica_regions=[],
            force_overwrite=False,
        )
        return cls(resource_name, json.loads(made)["ARN"])

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "Secret",
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> "Secret":
        """Keep the value."""
        _ = new_resource_name
        backend = secretsmanager_backends[account_id][region_name]
        secret = backend.secrets[original_resource.name]
        secret.description = cloudformation_json["Properties"].get("Description")
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> None:
        """Delete it at once."""
        name = cloudformation_json["Properties"].get("Name", resource_name)
        secretsmanager_backends[account_id][region_name].delete_secret(
            name, recovery_window_in_days=None, force_delete_without_recovery=True
        )


def install() -> None:
    """Nothing to replace: CloudFormation finds every model that was defined."""


def _value(backend: SecretsManagerBackend, given: Any) -> str | None:
    if "GenerateSecretString" not in given:
        value: str | None = given.get("SecretString")
        return value
    wanted = given["GenerateSecretString"]
    drawn = backend.get_random_password(
        password_length=int(wanted.get("PasswordLength", 32)),
        exclude_characters=wanted.get("ExcludeCharacters", ""),
        exclude_numbers=_said(wanted, "ExcludeNumbers"),
        exclude_punctuation=_said(wanted, "ExcludePunctuation"),
        exclude_uppercase=_said(wanted, "ExcludeUppercase"),
        exclude_lowercase=_said(wanted, "ExcludeLowercase"),
        include_space=_said(wanted, "IncludeSpace"),
        require_each_included_type=_said(wanted, "RequireEachIncludedType", default=True),
    )
    password = str(json.loads(drawn)["RandomPassword"])
    if "SecretStringTemplate" not in wanted:
        return password
    template = json.loads(wanted["SecretStringTemplate"])
    return json.dumps({**template, wanted["GenerateStringKey"]: password})


def _said(wanted: Any, name: str, *, default: bool = False) -> bool:
    """Templates say booleans as such or as words."""
    return str(wanted.get(name, default)).lower() == "true"
