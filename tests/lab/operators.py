"""People who act on a ring under test in a role of theirs."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import boto3

from paved_road_ring.live import LiveRing
from tests.lab.living_ring import LivingRing


@dataclass(frozen=True)
class InRole:
    """Clients of the lab with the credentials of a role."""

    ring: LivingRing
    role: str

    @cached_property
    def _session(self) -> boto3.Session:
        arn = self.ring.client("iam").get_role(RoleName=self.role)["Role"]["Arn"]
        given = self.ring.client("sts").assume_role(RoleArn=arn, RoleSessionName="somebody")
        return boto3.Session(
            aws_access_key_id=given["Credentials"]["AccessKeyId"],
            aws_secret_access_key=given["Credentials"]["SecretAccessKey"],
            aws_session_token=given["Credentials"]["SessionToken"],
        )

    def client(self, service: str, region: str) -> Any:
        made: Any = self._session.client
        return made(service, region_name=region, endpoint_url=self.ring.lab.endpoint)

    def resource(self, service: str, region: str) -> Any:
        made: Any = self._session.resource
        return made(service, region_name=region, endpoint_url=self.ring.lab.endpoint)


def seen_by(ring: LivingRing, role: str) -> LiveRing:
    """The ring as somebody in that role sees it."""
    return replace(ring.live, clients=InRole(ring, role))
