"""How much of its network a node's backup may use."""

from boto3.s3.transfer import TransferConfig

from paved_road_contract.instances import instances

SHARE = 0.25
"""Of the instance's baseline: the rest is its clients', its peers' and repair's. Runs that never
end in time at this share have more new content each day than the disks could be written with."""
THREADS = 8
PART_BYTES = 16 * 2**20
"""Of 10,000 at most, which are files up to 156 GiB; larger ones go in larger parts.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""
MOST_PARTS = 10_000


def network_gbps(instance_type: str) -> float:
    """The baseline of an instance type; of one that nobody listed, the least of those listed.

    A node of such a type runs an older bundle than its ring's stack; too slow harms nobody.
    """
    known = instances()
    one = known.get(instance_type) or min(
        known.values(), key=lambda listed: listed.network_gbps_baseline
    )
    return one.network_gbps_baseline


def bytes_per_second(network_gbps: float, share: float) -> int:
    """A share of an instance's network, in whole bytes."""
    if not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, got {share}")
    return int(network_gbps * 1e9 / 8 * share)


def config_for(limit: int | None, largest: int = 0) -> TransferConfig:
    """For the transfer manager: at most `limit` bytes a second, for files up to `largest` bytes."""
    part = PART_BYTES
    while part * MOST_PARTS < largest:
        part *= 2
    return TransferConfig(
        multipart_threshold=part,
        multipart_chunksize=part,
        max_concurrency=THREADS,
        max_bandwidth=limit,
        # The other implementation (CRT) knows no limit of bandwidth.
        preferred_transfer_client="classic",
    )
