"""One region's data center of a Cassandra ring."""

from collections.abc import Sequence
from typing import Any

from constructs import Construct

from paved_road.artifacts import ArtifactBucket
from paved_road.backup import BackupBucket, ReplicaBucket
from paved_road.estate import EstateStack, Region
from paved_road.network import Network
from paved_road.ring import BundlePin, Ring
from paved_road_contract import tags
from paved_road_contract.drills import drill_ring
from paved_road_contract.stacks import Kind


class RingStack(EstateStack):
    """A ring's nodes in one region, owned by the team whose data it holds.

    `copies_of` are regions of whose backups this one keeps copies: one that is lost can come back
    here. `restored`: as the construct has it.
    """

    def __init__(
        self,
        scope: Construct,
        region: Region,
        *,
        name: str,
        owner: str,
        nodes_per_rack: int,
        instance_type: str,
        copies_of: Sequence[Region] = (),
        restored: bool = False,
        replication_factor: int = 3,
        bundle: BundlePin | None = None,
        drilled_within_days: int | None = None,
    ) -> None:
        super().__init__(
            scope,
            region,
            Kind.RING,
            name,
            owner=owner,
            description=f"Cassandra ring {name} of {region.estate} in {region.name}",
            marks={tags.RING: name},
        )
        self.ring = _ring(
            self,
            name,
            copies=ReplicaBucket.from_estate(self, region, copies_of),
            restored=restored,
            nodes_per_rack=nodes_per_rack,
            instance_type=instance_type,
            replication_factor=replication_factor,
            bundle=bundle,
            drilled_within_days=drilled_within_days,
            deletable=region.deletable,
        )


class DrillStack(EstateStack):
    """Where the backups of ring `drills_of` are tried out: of its shape, and empty between drills.

    Of the same sizes as the ring, or as its backups are.
    """

    def __init__(
        self,
        scope: Construct,
        region: Region,
        *,
        drills_of: str,
        owner: str,
        nodes_per_rack: int,
        instance_type: str,
        replication_factor: int = 3,
        bundle: BundlePin | None = None,
    ) -> None:
        name = drill_ring(drills_of)
        super().__init__(
            scope,
            region,
            Kind.RING,
            name,
            owner=owner,
            description=f"Drills of ring {drills_of} of {region.estate} in {region.name}",
            marks={tags.RING: name},
        )
        self.ring = _ring(
            self,
            name,
            nodes_per_rack=nodes_per_rack,
            instance_type=instance_type,
            replication_factor=replication_factor,
            bundle=bundle,
            drills_of=drills_of,
            deletable=True,
        )


def _ring(stack: EstateStack, name: str, **props: Any) -> Ring:  # noqa: ANN401 - as the construct has them
    """In the network of its region, with the region's buckets."""
    region = stack.estate_region
    return Ring(
        stack,
        "Ring",
        region=region,
        name=name,
        network=Network.from_estate(stack, region),
        artifacts=ArtifactBucket.from_estate(stack, region),
        backup=BackupBucket.from_estate(stack, region),
        **props,
    )
