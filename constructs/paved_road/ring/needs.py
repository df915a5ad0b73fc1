"""What a ring needs of other stacks: their buckets, as far as it uses them."""

from typing import Protocol

from aws_cdk import aws_iam as iam


class BackupTarget(Protocol):
    """What a ring needs of the region's backup bucket (`paved_road.backup` has one)."""

    @property
    def bucket_name(self) -> str:
        """The bucket that nodes write to."""

    def grant_write(self, role: iam.IRole, *, prefix: str) -> object:
        """Let `role` add objects under `prefix`."""

    def grant_read(self, role: iam.IRole, *, prefix: str) -> object:
        """Let `role` read and list what is under `prefix`."""

    def grant_purge(self, role: iam.IRole, *, prefix: str) -> object:
        """Let `role` hide what is under `prefix`, and read it to see what may go."""


class CopySource(Protocol):
    """What a ring needs of the copies that its region keeps of other regions' backups."""

    def grant_read(self, role: iam.IRole, *, prefix: str) -> object:
        """Let `role` read and list what is under `prefix`."""


class ArtifactSource(Protocol):
    """What a ring needs of the region's artifact bucket (`paved_road.artifacts` has one)."""

    @property
    def bucket_name(self) -> str:
        """The bucket that nodes get their software from."""

    def grant_read_bundles(self, role: iam.IRole) -> object:
        """Let `role` read bundles."""
