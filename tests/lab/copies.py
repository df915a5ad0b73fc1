"""What S3's replication does, for a lab that accepts its configuration and copies nothing."""

from tests.lab.backed_up import versions_of
from tests.lab.living_ring import LivingRing


def copy_all(here: LivingRing, there: LivingRing) -> int:
    """Every version of every object of `here`'s backups, the oldest first; how many there are."""
    source, target = here.live.backup_bucket(), there.live.copies_bucket()
    versions = sorted(versions_of(here, "Versions"), key=lambda version: version["LastModified"])
    for one in versions:
        there.client("s3").copy_object(
            Bucket=target,
            Key=one["Key"],
            CopySource={"Bucket": source, "Key": one["Key"], "VersionId": one["VersionId"]},
            MetadataDirective="COPY",
            ChecksumAlgorithm="SHA256",
        )
    return len(versions)


def lose_bucket(ring: LivingRing) -> None:
    """Nobody ever reads a ring's own backups again: every version is gone, and the bucket."""
    bucket, s3 = ring.live.backup_bucket(), ring.client("s3")
    for one in versions_of(ring, "Versions", "DeleteMarkers"):
        s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])
    s3.delete_bucket(Bucket=bucket)
