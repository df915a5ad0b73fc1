"""Backup buckets: what is written stays, and a copy of it in another region."""

from paved_road.backup.bucket import BackupBucket, ReplicaBucket
from paved_road.backup.lock import LockMode, ObjectLock
from paved_road.backup.view import BackupView

__all__ = ["BackupBucket", "BackupView", "LockMode", "ObjectLock", "ReplicaBucket"]
