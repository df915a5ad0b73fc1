"""Every test of backups may have a bucket."""

from tests.backup.bucket import s3, store

__all__ = ["s3", "store"]
