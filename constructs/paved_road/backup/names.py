"""Names that both ends of a replication compute, so that neither stack waits for the other."""

from paved_road.buckets import bucket_arn, bucket_name
from paved_road.estate import Region

__all__ = ["BACKUP", "REPLICA", "bucket_arn", "bucket_name", "key_alias"]

BACKUP, REPLICA = "backup", "replica"


def key_alias(region: Region, role: str) -> str:
    """Alias of the key of a bucket; its ARN can be computed, the key's cannot."""
    return f"alias/{region.estate}-{role}"
