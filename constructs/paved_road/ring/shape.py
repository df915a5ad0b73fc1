"""What a ring's data center may look like, checked before anything is made of it.

One token per node, one rack per replica, the same number of nodes in every rack: then a lost
rack costs every range exactly one replica and comes back in parallel. It starts at any size and
grows by doubling each rack, which splits every range in half and moves nothing else; every other
change of shape is a new generation beside the old one.
"""

from dataclasses import dataclass

from paved_road.estate import Region
from paved_road.estate.stack import LONGEST_NAME
from paved_road.faults import Faults
from paved_road.network import NetworkView, Tier
from paved_road_contract.instances import Instance, instances
from paved_road_ring_agent.contract import data_center

FEWEST_REPLICAS = 3
"""The fewest of which a majority is left when one is lost."""

MOST_NODES = 1_024
"""Per data center. Gossip is known to hold to about a thousand nodes; ours is not tried beyond. A
rack of a third of them fits its subnet (2,043 addresses, `paved_road.network.plan`)."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A data center that passed `check_shape`. `racks` are zone letters, one per replica."""

    data_center: str
    racks: str
    nodes_per_rack: int
    instance: Instance


def check_shape(
    faults: Faults,
    *,
    region: Region,
    network: NetworkView,
    name: str,
    zones: str | None,
    nodes_per_rack: int,
    instance_type: str,
    replication_factor: int,
    tokens_per_node: int,
    generation: int,
) -> Shape:
    """The shape of these props; raises `PropsError` with all their faults and earlier ones."""
    racks = region.zones[: max(replication_factor, 0)] if zones is None else zones
    faults.check_name("name", name, longest=LONGEST_NAME)
    _check_replicas(faults, region, zones, replication_factor)
    faults.check(nodes_per_rack >= 1, "nodes_per_rack", "must be at least 1", nodes_per_rack)
    faults.check(
        len(racks) * nodes_per_rack <= MOST_NODES,
        "nodes_per_rack",
        f"must make at most {MOST_NODES} nodes in {len(racks)} racks, "
        "since gossip reaches every node: build a second ring",
        nodes_per_rack,
    )
    faults.check(
        tokens_per_node == 1,
        "tokens_per_node",
        "must be 1, so that a ring has as many tokens as nodes: Cassandra brings back the nodes "
        "of a lost rack in parallel only then",
        tokens_per_node,
    )
    faults.check(generation >= 1, "generation", "must be at least 1", generation)
    faults.check(
        instance_type in instances(),
        "instance_type",
        f"must have instance store and stand in instances.csv: {', '.join(instances())}",
        instance_type,
    )
    _check_network(faults, region, network)
    faults.raise_if_any()
    return Shape(
        data_center=data_center(region.name, generation),
        racks=racks,
        nodes_per_rack=nodes_per_rack,
        instance=instances()[instance_type],
    )


def _check_replicas(
    faults: Faults, region: Region, zones: str | None, replication_factor: int
) -> None:
    faults.check(
        replication_factor >= FEWEST_REPLICAS,
        "replication_factor",
        f"must be at least {FEWEST_REPLICAS}, so that losing one rack leaves a quorum",
        replication_factor,
    )
    faults.check(
        replication_factor % 2 == 1,
        "replication_factor",
        "must be odd: one more replica than an odd number survives no more losses, and only an "
        "odd number of racks can split every range in half again and again",
        replication_factor,
    )
    faults.check(
        replication_factor <= len(region.zones),
        "replication_factor",
        f"must be at most {len(region.zones)}, the zones of {region.name}: "
        "every replica has a rack of its own, and a rack is a zone",
        replication_factor,
    )
    if zones is None:
        return
    faults.check(
        len(zones) == replication_factor,
        "zones",
        f"must name {replication_factor} racks, one for each replica",
        zones,
    )
    faults.check(len(set(zones)) == len(zones), "zones", "must differ", zones)
    faults.check(
        set(zones) <= set(region.zones),
        "zones",
        f"must be among the zones {region.zones!r} that the estate has in {region.name}",
        zones,
    )


def _check_network(faults: Faults, region: Region, network: NetworkView) -> None:
    faults.check(
        network.region == region, "network", f"must stand in {region.name}", network.region.name
    )
    faults.check(
        len(network.subnets.get(Tier.RING, ())) == len(region.zones),
        "network",
        f"must have a ring subnet in each of the {len(region.zones)} zones of {region.name}",
        len(network.subnets.get(Tier.RING, ())),
    )
