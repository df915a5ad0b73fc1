"""One region's data center of a Cassandra ring."""

from collections.abc import Sequence

from constructs import Construct

from paved_road.artifacts import ArtifactBucket
from paved_road.backup import BackupBucket, ReplicaBucket
from paved_road.estate import EstateStack, Region
from paved_road.network import Network
from paved_road.ring import BundlePin, Ring
from paved_road_contract import tags
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
        self.ring = Ring(
            self,
            "Ring",
            region=region,
            name=name,
            network=Network.from_estate(self, region),
            artifacts=ArtifactBucket.from_estate(self, region),
            backup=BackupBucket.from_estate(self, region),
            copies=ReplicaBucket.from_estate(self, region, copies_of),
            restored=restored,
            nodes_per_rack=nodes_per_rack,
            instance_type=instance_type,
            replication_factor=replication_factor,
            bundle=bundle,
            deletable=region.deletable,
        )
