"""Draws new passwords for a ring's roles. Agents set them; nobody is locked out meanwhile."""

import json
from dataclasses import dataclass
from typing import Any

from paved_road_ring_agent.contract import TURNS, client_secret, superuser_secret

LETTERS = 48
"""As CloudFormation draws them first: 286 bits without punctuation."""


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """Changes passwords of `ring` in one region, through a boto3 client of `secretsmanager`."""

    secrets: Any
    estate: str
    ring: str

    def superuser(self) -> str:
        """Draw a new password for agents and tools; the secret's name.

        Agents set it with the one before it, within a minute.
        """
        return self._draw(superuser_secret(self.estate, self.ring))

    def service(self, service: str) -> str:
        """Draw one for that of a service's two roles whose password is older; the secret's name.

        The other goes on working. Members that log in with the newer of the two, as they should,
        are on this one after their next start: rotate again only then.
        """
        names = [client_secret(self.estate, self.ring, service, turn) for turn in TURNS]
        return self._draw(min(names, key=self._changed))

    def _changed(self, name: str) -> float:
        found = self.secrets.describe_secret(SecretId=name)
        return float(found["LastChangedDate"].timestamp())

    def _draw(self, name: str) -> str:
        facts = json.loads(self.secrets.get_secret_value(SecretId=name)["SecretString"])
        drawn = self.secrets.get_random_password(PasswordLength=LETTERS, ExcludePunctuation=True)
        fresh = {**facts, "password": drawn["RandomPassword"]}
        self.secrets.put_secret_value(SecretId=name, SecretString=json.dumps(fresh))
        return name
