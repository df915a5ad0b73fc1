"""The ring's secrets in Secrets Manager and its public trust in SSM, as agents and tools use them.

A call that fails raises what boto3 raises; the next round asks again.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from paved_road_ring_agent.authority import Authority
from paved_road_ring_agent.contract import (
    UNFORMED,
    UNTRUSTED,
    authority_secret,
    clients_path,
    contacts_parameter,
    superuser_secret,
    trust_parameter,
)

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"


class NoSecretError(Exception):
    """A secret that the ring's stack makes is missing or has no value."""


@dataclass(frozen=True, kw_only=True)
class Credential:
    """A role of Cassandra's and its password. `version` changes whenever the password does."""

    username: str
    password: str
    version: str

    def __repr__(self) -> str:
        """Without the password, wherever it is logged."""
        return f"Credential({self.username})"


@dataclass(frozen=True, kw_only=True)
class Registration:
    """A service that uses the ring, as its stack says: its keyspaces, and its secrets' names.

    `version` changes with the entry.
    """

    service: str
    keyspaces: tuple[str, ...]
    secrets: tuple[str, ...]
    version: int


class Vault:
    """One ring's, through boto3 clients of `secretsmanager` and `ssm`."""

    def __init__(self, secrets: Any, parameters: Any, *, estate: str, ring: str) -> None:  # noqa: ANN401 - boto3 makes its clients at run time
        self._secrets, self._parameters = secrets, parameters
        self.estate, self.ring = estate, ring

    def authority(self) -> Authority | None:
        """The ring's authority; None before an agent made it."""
        found = self._value(authority_secret(self.estate, self.ring), CURRENT)
        return None if found is None else Authority.from_json(found[0])

    def write_authority(self, authority: Authority) -> bool:
        """Write one with a number that no one wrote yet; false if somebody did.

        The number is the version's id, and Secrets Manager refuses another content under the same.
        https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        """
        name = authority_secret(self.estate, self.ring)
        token = hashlib.sha256(f"{name}#{authority.number}".encode()).hexdigest()
        try:
            self._secrets.put_secret_value(
                SecretId=name, SecretString=authority.to_json(), ClientRequestToken=token
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceExistsException":
                return False
            raise
        return True

    def superuser(self) -> Credential:
        """Whom agents and tools act as."""
        return self.credential(superuser_secret(self.estate, self.ring))

    def previous_superuser(self) -> Credential | None:
        """The same before its password last changed."""
        found = self._value(superuser_secret(self.estate, self.ring), PREVIOUS)
        return None if found is None else _credential(*found)

    def credential(self, name: str) -> Credential:
        """A secret's current content. Raises `NoSecretError`."""
        found = self._value(name, CURRENT)
        if found is None:
            raise NoSecretError(f"there is no secret {name}, or it has no value yet")
        return _credential(*found)

    def trust(self) -> str | None:
        """The public roots as clients read them; None before there are any."""
        text = self._told(trust_parameter(self.estate, self.ring))
        return None if text == UNTRUSTED else text

    def publish_trust(self, roots: str) -> None:
        """Let clients read these roots."""
        self._tell(trust_parameter(self.estate, self.ring), roots)

    def contacts(self) -> tuple[str, ...]:
        """Addresses where clients begin; none before the ring lets any in."""
        text = self._told(contacts_parameter(self.estate, self.ring))
        return () if text == UNFORMED else tuple(text.split(","))

    def publish_contacts(self, addresses: Sequence[str]) -> None:
        """Let clients begin at these; at least one."""
        self._tell(contacts_parameter(self.estate, self.ring), ",".join(addresses))

    def registrations(self) -> list[Registration]:
        """Every service that uses the ring."""
        pages = self._parameters.get_paginator("get_parameters_by_path").paginate(
            Path=clients_path(self.estate, self.ring)
        )
        return [_registration(one) for page in pages for one in page["Parameters"]]

    def _told(self, name: str) -> str:
        return str(self._parameters.get_parameter(Name=name)["Parameter"]["Value"])

    def _tell(self, name: str, value: str) -> None:
        self._parameters.put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    def _value(self, name: str, stage: str) -> tuple[str, str] | None:
        try:
            found = self._secrets.get_secret_value(SecretId=name, VersionStage=stage)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        return str(found["SecretString"]), str(found["VersionId"])


def _credential(text: str, version: str) -> Credential:
    facts = json.loads(text)
    return Credential(username=facts["username"], password=facts["password"], version=version)


def _registration(parameter: Any) -> Registration:  # noqa: ANN401 - as boto3 answers
    facts = json.loads(parameter["Value"])
    return Registration(
        service=parameter["Name"].rpartition("/")[2],
        keyspaces=tuple(facts["keyspaces"]),
        secrets=tuple(facts["secrets"]),
        version=parameter["Version"],
    )
