"""People who act on a ring under test in a role of theirs."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import boto3

from paved_road_ring.live import LiveRing
from tests.lab.living_ring import LivingRing


@dataclass(frozen=True)
class InRole:
    """Clients of the lab with the credentials of a role."""

    ring: LivingRing
    role: str

    def client(self, service: str, region: str) -> Any:
        return _made(self, "client", service, region)

    def resource(self, service: str, region: str) -> Any:
        return _made(self, "resource", service, region)


@cache
def _session(operator: InRole) -> boto3.Session:
    arn = operator.ring.client("iam").get_role(RoleName=operator.role)["Role"]["Arn"]
    given = operator.ring.client("sts").assume_role(RoleArn=arn, RoleSessionName="somebody")
    return boto3.Session(
        aws_access_key_id=given["Credentials"]["AccessKeyId"],
        aws_secret_access_key=given["Credentials"]["SecretAccessKey"],
        aws_session_token=given["Credentials"]["SessionToken"],
    )


@cache
def _made(operator: InRole, kind: str, service: str, region: str) -> Any:
    """Once, since loading a service's model takes longer than calling it."""
    make = getattr(_session(operator), kind)
    return make(service, region_name=region, endpoint_url=operator.ring.lab.endpoint)


def seen_by(ring: LivingRing, role: str) -> LiveRing:
    """The ring as somebody in that role sees it."""
    return replace(ring.live, clients=InRole(ring, role))
