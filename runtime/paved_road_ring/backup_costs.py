"""What a ring's backups and commit logs cost a month, as they stand in the bucket now.

List prices of us-east-1 without discounts, from `backup_prices.csv`; other regions differ by some
percent. What reads of a restore cost, and versions that a purge hid and that the bucket's own rule
lets go later, are left out.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from paved_road_ring_backup.bandwidth import PART_BYTES
from paved_road_ring_backup.retention import DAY

COOL_AFTER_DAYS, COLD_AFTER_DAYS = 30, 90
"""As the bucket's lifecycle has them (`paved_road.backup.vault`)."""
SMALLEST_COOLED = 128 * 2**10
"""Smaller objects stay where they are:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
"""
MONTH_DAYS = 30.4


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One object: its key, bytes, and when it was written (seconds since 1970)."""

    key: str
    size: int
    written: float


@dataclass(frozen=True, kw_only=True)
class Share:
    """Of one kind of objects: how many, their bytes, and what storing them costs."""

    objects: int
    bytes: int
    usd_per_month: float


@dataclass(frozen=True, kw_only=True)
class BackupCosts:
    """USD a month, if every day is as the last one.

    `requests` are those that store what is new. `copies` is what copies in another region add, on
    their way and there, if they are made.
    """

    backups: Share
    logs: Share
    requests: float
    copies: float

    @property
    def usd_per_month(self) -> float:
        """In the ring's own region."""
        return self.backups.usd_per_month + self.logs.usd_per_month + self.requests


def costs(objects: Iterable[Stored], now: float) -> BackupCosts:
    """Of all that is stored of a ring."""
    listed = list(objects)
    fresh = [one for one in listed if now - one.written < DAY]
    backups = _share([one for one in listed if not _is_log(one)], now)
    logs = _share([one for one in listed if _is_log(one)], now)
    requests = MONTH_DAYS * sum(_puts(one.size) for one in fresh) * _prices()["PUT"]
    way = _prices()["transfer"] + _prices()["replication time control"]
    sent = MONTH_DAYS * sum(one.size for one in fresh) / 1e9 * way
    return BackupCosts(
        backups=backups,
        logs=logs,
        requests=requests,
        copies=backups.usd_per_month + logs.usd_per_month + requests + sent,
    )


def _share(objects: list[Stored], now: float) -> Share:
    usd = sum(one.size / 1e9 * _prices()[_tier(one, now)] for one in objects)
    return Share(objects=len(objects), bytes=sum(one.size for one in objects), usd_per_month=usd)


def _tier(one: Stored, now: float) -> str:
    days = (now - one.written) / DAY
    if days < COOL_AFTER_DAYS or one.size < SMALLEST_COOLED:
        return "STANDARD"
    return "STANDARD_IA" if days < COLD_AFTER_DAYS else "GLACIER_IR"


def _puts(size: int) -> int:
    """A large content goes in parts, between a request that begins it and one that ends it."""
    return 1 if size < PART_BYTES else -(-size // PART_BYTES) + 2


def _is_log(one: Stored) -> bool:
    """`rings/<ring>/<data center>/<incarnation>/logs/`: see `paved_road_ring_backup.log_keys`."""
    return one.key.split("/")[4:5] == ["logs"]


@cache
def _prices() -> dict[str, float]:
    text = files("paved_road_ring").joinpath("backup_prices.csv").read_text(encoding="utf-8")
    return {row["item"]: float(row["usd"]) for row in csv.DictReader(text.splitlines())}
