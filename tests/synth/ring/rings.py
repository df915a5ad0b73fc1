"""Rings to synthesize in a test, and what their templates hold by type."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import App
from aws_cdk import aws_iam as iam
from aws_cdk.assertions import Template

from paved_road.estate import EstateStack, Region
from paved_road.network import NetworkView, OwnNetwork, Tier
from paved_road.ring import Ring
from paved_road_contract.stacks import Kind

Resources = Mapping[str, Mapping[str, Any]]


def in_region(zones: str = "abc", name: str = "us-east-1") -> Region:
    return Region(estate="acme", name=name, zones=zones, cidr="10.0.0.0/16")


def subnet(tier: Tier, zone: str) -> str:
    return f"subnet-{list(Tier).index(tier)}{zone * 16}"


def network(region: Region) -> NetworkView:
    return OwnNetwork(
        region=region,
        vpc_id="vpc-0123456789abcdef0",
        cidr="10.0.0.0/16",
        subnets={tier: tuple(subnet(tier, letter) for letter in region.zones) for tier in Tier},
        endpoint_security_group_id="sg-0123456789abcdef0",
        access_log_bucket="logs",
        logs_key_arn="arn:aws:kms:us-east-1:123456789012:key/logs",
    )


@dataclass
class Bucket:
    """Stands for the region's backup bucket and remembers what it granted."""

    bucket_name: str = "acme-backups"
    granted: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    purged: list[str] = field(default_factory=list)
    recorded: list[str] = field(default_factory=list)

    def grant_write(self, role: iam.IRole, *, prefix: str) -> None:
        assert isinstance(role, iam.Role)
        self.granted.append(prefix)

    def grant_read(self, role: iam.IRole, *, prefix: str) -> None:
        assert isinstance(role, iam.Role)
        self.read.append(prefix)

    def grant_record(self, role: iam.IRole, *, prefix: str) -> None:
        assert isinstance(role, iam.Role)
        self.recorded.append(prefix)

    def grant_purge(self, role: iam.IRole, *, prefix: str) -> None:
        assert isinstance(role, iam.Role)
        self.purged.append(prefix)


@dataclass
class Artifacts:
    """Stands for the region's artifact bucket."""

    bucket_name: str = "acme-artifacts"

    def grant_read_bundles(self, role: iam.IRole) -> None:
        assert isinstance(role, iam.Role)


PROPS: dict[str, Any] = {
    "name": "orders",
    "artifacts": Artifacts(),
    "backup": None,
    "nodes_per_rack": 2,
    "instance_type": "i8g.2xlarge",
}


def ring(stack: EstateStack, **changed: object) -> Ring:
    props = {"region": stack.estate_region, "network": network(stack.estate_region), **PROPS}
    return Ring(stack, "Ring", **(props | changed))


def ring_stack(
    region: Region | None = None, app: App | None = None, name: str = "orders", **changed: object
) -> EstateStack:
    stack = EstateStack(
        app or App(),
        region or in_region(),
        Kind.RING,
        name,
        owner="platform",
        description="A ring",
    )
    ring(stack, name=name, **changed)
    return stack


def of_type(template: Template, kind: str) -> Iterator[Mapping[str, Any]]:
    resources: Resources = template.to_json()["Resources"]
    return (entry for entry in resources.values() if entry["Type"] == kind)


def properties(template: Template, kind: str) -> list[Mapping[str, Any]]:
    return [entry["Properties"] for entry in of_type(template, kind)]
