"""A backup bucket as rings see it: grants under a prefix, never more."""

import re

from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.backup.names import BACKUP, REPLICA
from paved_road.buckets import BucketView, bucket_arn, bucket_name
from paved_road.estate import Region, read
from paved_road.faults import Faults
from paved_road_contract.stacks import Kind


class BackupView(BucketView):
    """Name and ARNs of a region's backup bucket and its key."""

    @staticmethod
    def from_estate(scope: Construct, region: Region) -> "BackupView":
        """The region's backup bucket by its computed name; its key from its stack's outputs."""
        return BackupView(
            bucket_name(region, BACKUP),
            bucket_arn(region, BACKUP),
            read(scope, region, Kind.BACKUP, None, "KeyArn"),
        )

    @staticmethod
    def of_copies(scope: Construct, region: Region) -> "BackupView":
        """The bucket in which the region keeps copies of other regions' backups, likewise."""
        return BackupView(
            bucket_name(region, REPLICA),
            bucket_arn(region, REPLICA),
            read(scope, region, Kind.VAULT, None, "KeyArn"),
        )

    def grant_write(self, role: iam.IRole, *, prefix: str) -> None:
        """Let `role` add objects under `prefix`, list them and read them back.

        It cannot delete anything, and instances cannot write over anything either (`Vault`).
        Listing tells a ring that was never backed up from one whose state was lost.

        `prefix` ends in a slash, so that `rings/orders/` does not hold `rings/orders2/`. Raises
        `PropsError` otherwise.
        """
        self._grant(
            role,
            prefix,
            [
                "s3:AbortMultipartUpload",
                "s3:GetObject",
                "s3:PutObject",
            ],
            ["kms:Decrypt", "kms:GenerateDataKey"],
        )
        self._grant_list(role, prefix)

    def grant_read(self, role: iam.IRole, *, prefix: str) -> None:
        """Let `role` read and list objects under `prefix`, to restore what they are of."""
        self._grant(role, prefix, ["s3:GetObject"], ["kms:Decrypt"])
        self._grant_list(role, prefix)

    def grant_purge(self, role: iam.IRole, *, prefix: str) -> None:
        """Let `role` read and list objects under `prefix`, and hide them.

        Never their versions: what is hidden stays until the bucket's own rule lets it go.
        """
        self._grant(role, prefix, ["s3:DeleteObject", "s3:GetObject"], ["kms:Decrypt"])
        self._grant_list(role, prefix)
        role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["s3:GetBucketObjectLockConfiguration"], resources=[self.bucket_arn]
            )
        )

    def _grant_list(self, role: iam.IRole, prefix: str) -> None:
        statement = iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[self.bucket_arn],
            conditions={"StringLike": {"s3:prefix": [f"{prefix}*"]}},
        )
        role.add_to_principal_policy(statement)

    def _grant(
        self, role: iam.IRole, prefix: str, actions: list[str], key_actions: list[str]
    ) -> None:
        faults = Faults("BackupView grant")
        faults.check(
            re.fullmatch(r"([\w.-]+/)+", prefix) is not None,
            "prefix",
            "must be folders such as rings/orders/, ending in a slash and without wildcards",
            prefix,
        )
        faults.raise_if_any()
        self.grant_objects(
            role,
            prefix,
            actions=actions,
            key_actions=key_actions,
            reason="A grant is a prefix: every object under it, and none beside it.",
        )
