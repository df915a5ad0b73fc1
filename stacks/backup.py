"""Where backups are kept: a bucket in the ring's region, a copy in another one."""

from collections.abc import Sequence

from constructs import Construct

from paved_road.backup import BackupBucket, ObjectLock, ReplicaBucket
from paved_road.estate import EstateStack, Region
from paved_road_contract.stacks import Kind


class VaultStack(EstateStack):
    """Receives the copies of other regions' backups. Deployed before what replicates to it."""

    def __init__(
        self,
        scope: Construct,
        region: Region,
        *,
        sources: Sequence[Region],
        object_lock: ObjectLock | None,
        owner: str = "platform",
    ) -> None:
        super().__init__(
            scope,
            region,
            Kind.VAULT,
            owner=owner,
            foreign_regions=frozenset(source.name for source in sources),
            description=f"Copies of other regions' backups of {region.estate} in {region.name}",
        )
        self.bucket = ReplicaBucket(
            self,
            "Replica",
            region=region,
            sources=sources,
            object_lock=object_lock,
            deletable=region.deletable,
        )


class BackupStack(EstateStack):
    """The backup bucket that a region's rings write to."""

    def __init__(
        self,
        scope: Construct,
        region: Region,
        *,
        object_lock: ObjectLock | None,
        replicate_to: Region | None = None,
        owner: str = "platform",
    ) -> None:
        super().__init__(
            scope,
            region,
            Kind.BACKUP,
            owner=owner,
            description=f"Backups of {region.estate} in {region.name}",
            foreign_regions=frozenset({replicate_to.name} if replicate_to else ()),
        )
        self.bucket = BackupBucket(
            self,
            "Backup",
            region=region,
            replicate_to=replicate_to,
            object_lock=object_lock,
            deletable=region.deletable,
        )
