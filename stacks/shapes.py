"""What differs between the estates that one `app.py` deploys, side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import App

from paved_road.backup import ObjectLock
from paved_road.estate import Estate, Region
from paved_road.network import AGENT_ENDPOINTS, Nat
from paved_road.service import Capacity


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One estate's sizes. `replicas` names the region that keeps a copy of a region's backups.

    `account` is the one that it stands in, twelve digits: a deploy with another account's
    credentials is refused. None is the account of whoever deploys.
    """

    estate: str
    zones: Mapping[str, str]
    replicas: Mapping[str, str] = field(default_factory=dict)
    account: str | None
    cost_center: str
    deletable: bool
    object_lock: ObjectLock | None
    nat: Nat
    interface_endpoints: tuple[str, ...]
    ring_instance_type: str
    ring_nodes_per_rack: int
    service_capacity: Capacity

    def build(self) -> Estate:
        """The estate's regions, checked."""
        return Estate(
            self.estate,
            cidr="10.0.0.0/8",
            zones=self.zones,
            account=self.account,
            cost_center=self.cost_center,
            deletable=self.deletable,
        )

    def replica_of(self, region: Region) -> Region | None:
        """The region that keeps copies of this one's backups, if any."""
        name = self.replicas.get(region.name)
        return self.build().region(name) if name else None

    def sources_of(self, vault: str) -> list[Region]:
        """The regions whose copies the vault in that region keeps."""
        regions = self.build().regions
        return [region for region in regions if self.replicas.get(region.name) == vault]


SHAPES: Mapping[str, Shape] = {
    "production": Shape(
        estate="acme",
        zones={"us-east-1": "abc", "us-west-2": "abc"},
        replicas={"us-east-1": "us-west-2", "us-west-2": "us-east-1"},
        account=None,
        cost_center="shop",
        deletable=False,
        object_lock=ObjectLock(days=35),
        nat=Nat.PER_ZONE,
        interface_endpoints=AGENT_ENDPOINTS,
        ring_instance_type="i8g.2xlarge",
        ring_nodes_per_rack=2,
        service_capacity=Capacity(minimum=3, maximum=60, requests_per_minute_per_target=400),
    ),
    "development": Shape(
        estate="acme-dev",
        zones={"us-east-1": "abc"},
        account=None,
        cost_center="shop-development",
        deletable=True,
        object_lock=None,
        nat=Nat.SINGLE,
        interface_endpoints=AGENT_ENDPOINTS,
        ring_instance_type="i8g.large",
        ring_nodes_per_rack=1,
        service_capacity=Capacity(minimum=1, maximum=3, requests_per_minute_per_target=400),
    ),
}


def chosen(app: App) -> Shape:
    """The shape that `-c shape=...` or cdk.json names; exits with a sentence if there is none."""
    name = app.node.try_get_context("shape")
    if name not in SHAPES:
        raise SystemExit(f"shape must be one of {', '.join(SHAPES)}, got {name!r}: -c shape=NAME")
    return SHAPES[name]
