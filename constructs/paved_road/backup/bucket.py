"""The backup bucket of a region, and the bucket that keeps another region's copies."""

from collections.abc import Sequence

from constructs import Construct

from paved_road.backup.lock import LockMode, ObjectLock
from paved_road.backup.names import BACKUP, REPLICA
from paved_road.backup.replication import failure_watch, lag_watch, replication, replication_role
from paved_road.backup.vault import Vault
from paved_road.backup.view import BackupView
from paved_road.buckets import bucket_arn, bucket_name
from paved_road.estate import EstateStack, Region, publish
from paved_road.faults import Faults
from paved_road.monitoring import Monitoring
from paved_road_contract.stacks import Kind


class BackupBucket(Construct):
    """Where the rings of a region put their backups, one prefix each.

    - `replicate_to`: the region that keeps copies; its vault stack is deployed first, so define it
      before this one: S3 refuses to replicate to a bucket that does not exist.
    - `object_lock`: 35 days in governance mode by default. None leaves backups deletable, for
      estates that are deletable themselves.
    - `alarm_actions`: ARNs that are told when copies fail.
    - `deletable`: goes with its stack.

    Publishes `BucketName`, `BucketArn` and `KeyArn`. Raises `PropsError` with all faults.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        region: Region,
        replicate_to: Region | None = None,
        object_lock: ObjectLock | None = ObjectLock(),  # noqa: B008 - a frozen value
        alarm_actions: Sequence[str] = (),
        deletable: bool = False,
    ) -> None:
        faults = Faults(f"BackupBucket in {region.name}")
        _check_lock(faults, object_lock, deletable=deletable)
        if replicate_to is not None:
            _check_pair(faults, "replicate_to", region, replicate_to)
        faults.raise_if_any()
        super().__init__(scope, id)
        copies = None
        if replicate_to is not None:
            self.role = replication_role(self, "ReplicationRole", region=region, to=replicate_to)
            copies = replication(self.role, replicate_to)
            EstateStack.around(self).deploy_after(replicate_to.stack_name(Kind.VAULT))
        self.vault = Vault(
            self,
            "Vault",
            region=region,
            role=BACKUP,
            object_lock=object_lock,
            replication=copies,
            deletable=deletable,
        )
        if replicate_to is not None:
            self.monitoring = Monitoring(
                self,
                "Monitoring",
                title=f"Backups in {region.name}",
                region=region.name,
                watches=[failure_watch(region, replicate_to)],
                actions=alarm_actions,
            )
        self.view = BackupView(
            bucket_name(region, BACKUP), bucket_arn(region, BACKUP), self.vault.key.attr_arn
        )
        stack = EstateStack.around(self)
        publish(stack, "BucketName", self.view.bucket_name, "Where rings put their backups")
        publish(stack, "BucketArn", self.view.bucket_arn, "For policies on backups")
        publish(stack, "KeyArn", self.view.key_arn, "Encrypts the backups")

    @staticmethod
    def from_estate(scope: Construct, region: Region) -> BackupView:
        """The region's backup bucket, found by its stack's name and read from its outputs."""
        return BackupView.from_estate(scope, region)


class ReplicaBucket(Construct):
    """Keeps the copies of another region's backups.

    Its name and key alias are computed, so the
    backup buckets that write to it need to know nothing but its region.

    `sources` are the regions whose copies it keeps, each with an alarm when they lag; how far
    they do is measured here. Stands in a vault stack, deployed before them. Raises `PropsError`
    with all faults.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        region: Region,
        sources: Sequence[Region] = (),
        object_lock: ObjectLock | None = ObjectLock(),  # noqa: B008 - a frozen value
        alarm_actions: Sequence[str] = (),
        deletable: bool = False,
    ) -> None:
        faults = Faults(f"ReplicaBucket in {region.name}")
        _check_lock(faults, object_lock, deletable=deletable)
        for source in sources:
            _check_pair(faults, "sources", region, source)
        faults.raise_if_any()
        super().__init__(scope, id)
        self.vault = Vault(
            self,
            "Vault",
            region=region,
            role=REPLICA,
            object_lock=object_lock,
            replication=None,
            deletable=deletable,
        )
        if sources:
            self.monitoring = Monitoring(
                self,
                "Monitoring",
                title=f"Copies in {region.name}",
                region=region.name,
                watches=[lag_watch(source, region) for source in sources],
                actions=alarm_actions,
            )
        stack = EstateStack.around(self)
        publish(stack, "BucketName", self.vault.bucket.ref, "Where copies are kept")
        publish(stack, "KeyArn", self.vault.key.attr_arn, "Encrypts the copies")

    @staticmethod
    def from_estate(
        scope: Construct, region: Region, sources: Sequence[Region]
    ) -> BackupView | None:
        """The region's bucket of copies; None of a region that keeps none of any `sources`."""
        return BackupView.of_copies(scope, region) if sources else None


def _check_lock(faults: Faults, object_lock: ObjectLock | None, *, deletable: bool) -> None:
    if object_lock is not None:
        object_lock.check(faults)
    faults.check(
        object_lock is not None or deletable,
        "object_lock",
        "must be set unless the bucket is deletable",
        None,
    )
    if object_lock is not None:
        faults.check(
            not (deletable and object_lock.mode is LockMode.COMPLIANCE),
            "object_lock",
            "must not be in compliance mode in a deletable stack: nobody could delete the bucket",
            object_lock.mode.value,
        )


def _check_pair(faults: Faults, prop: str, region: Region, other: Region) -> None:
    faults.check(
        other.name != region.name,
        prop,
        "must be another region: a copy beside the original is lost with it",
        other.name,
    )
    faults.check(
        (other.estate, other.account) == (region.estate, region.account),
        prop,
        "must be of the same estate and account, from which names are computed",
        f"{other.estate} in {other.account}",
    )
