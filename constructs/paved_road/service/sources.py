"""Who may call: named address ranges and security groups, never everybody."""

from collections.abc import Sequence
from ipaddress import IPv4Network

from aws_cdk import Token

from paved_road.faults import Faults


def check_sources(faults: Faults, prop: str, sources: Sequence[str]) -> None:
    """Note sources that are neither a narrow IPv4 range nor a security group's id."""
    for source in sources:
        if Token.is_unresolved(source) or source.startswith("sg-"):
            continue
        try:
            prefix = IPv4Network(source).prefixlen
        except ValueError:
            faults.check(False, prop, "must name IPv4 ranges or security groups (sg-...)", source)
            continue
        faults.check(
            prefix >= 8, prop, "must name who may call: a /8 or narrower, no wildcard", source
        )


def ingress(sources: Sequence[str], port: int, description: str) -> list[dict[str, str | int]]:
    """Rules that admit each source to one TCP port."""
    return [
        {
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
            "Description": description,
            (
                "CidrIp"
                if "/" in source and not Token.is_unresolved(source)
                else "SourceSecurityGroupId"
            ): source,
        }
        for source in sources
    ]
