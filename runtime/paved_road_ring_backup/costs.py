"""What backups cost a month: an estimate, with its assumptions as arguments."""

from dataclasses import dataclass

STANDARD, STANDARD_IA, GLACIER_IR = 0.023, 0.0125, 0.004
"""USD per GB and month in us-east-1, first 50 TB. https://aws.amazon.com/s3/pricing/"""
COOL_AFTER, COLD_AFTER = 30, 90
"""Days in each tier, as the vault's lifecycle has them."""
REQUESTS_PER_GB = 1_000 / 8
"""Parts of 8 MiB, as boto3's transfer manager sends them."""
USD_PER_PUT = 0.005 / 1_000
TRANSFER_USD_PER_GB = 0.02
"""To the region of the copies."""
TIMED_USD_PER_GB = 0.015
"""S3's replication time control."""
MONTH_DAYS = 30.4


@dataclass(frozen=True, kw_only=True)
class Costs:
    """USD a month of one data center's backups.

    `bytes_stored` are all replicas together, as nodes have them on disk. `changed_per_day` is the
    share of it that is new content each day: what is written, times how often compaction writes it
    again. `kept_days` is how far back ring manifests reach. Contents that stay are stored once
    however many manifests name them, and counted as if they never cooled.
    """

    bytes_stored: float
    changed_per_day: float
    kept_days: int
    copied: bool

    @property
    def new_gb_per_day(self) -> float:
        """What is sent."""
        return self.bytes_stored / 1e9 * self.changed_per_day

    @property
    def storage(self) -> float:
        """What stays, and what changed since and is kept, by age in its tier."""
        live = self.bytes_stored / 1e9 * STANDARD
        days = {
            STANDARD: min(self.kept_days, COOL_AFTER),
            STANDARD_IA: max(0, min(self.kept_days, COLD_AFTER) - COOL_AFTER),
            GLACIER_IR: max(0, self.kept_days - COLD_AFTER),
        }
        return live + sum(self.new_gb_per_day * count * usd for usd, count in days.items())

    @property
    def requests(self) -> float:
        """Of uploads."""
        return self.new_gb_per_day * MONTH_DAYS * REQUESTS_PER_GB * USD_PER_PUT

    @property
    def copies(self) -> float:
        """The same storage in the other region, and the way there."""
        if not self.copied:
            return 0.0
        sent = self.new_gb_per_day * MONTH_DAYS * (TRANSFER_USD_PER_GB + TIMED_USD_PER_GB)
        return self.storage + self.requests + sent

    @property
    def total(self) -> float:
        """All of it."""
        return self.storage + self.requests + self.copies
