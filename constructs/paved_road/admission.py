"""Lets one security group call another, both ways of the same rule."""

from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from constructs import Construct


@dataclass(frozen=True, kw_only=True)
class Client:
    """Who is connected to a store: a service, by its members' security group and role."""

    name: str
    security_group_id: str
    role_name: str


def admit(scope: Construct, id: str, *, client: str, to: str, port: int, why: str) -> None:
    """Let members of group `client` open TCP connections to `port` of members of group `to`.

    Both rules stand in `scope`'s stack, so the group that is called may belong to another one
    whose template does not change.
    """
    ec2.CfnSecurityGroupIngress(
        scope,
        f"{id}Ingress",
        group_id=to,
        source_security_group_id=client,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=why,
    )
    ec2.CfnSecurityGroupEgress(
        scope,
        f"{id}Egress",
        group_id=client,
        destination_security_group_id=to,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        description=why,
    )
