"""Instance types a ring may stand on, read from `instances.csv`.

A node keeps its data on local NVMe disks, so only types that have them are listed. To add one,
add a row with its source; figures are those of one instance in us-east-1.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType


class Architecture(StrEnum):
    """Processor architecture, as AWS spells it in image names."""

    ARM = "arm64"
    X86 = "x86_64"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One instance type, with units in the names and `source` for its figures."""

    type: str
    vcpu: int
    memory_gib: int
    nvme_count: int
    nvme_gb_each: int
    read_iops: int
    write_iops: int
    network_gbps_baseline: float
    usd_per_hour: float
    source: str

    @property
    def architecture(self) -> Architecture:
        """Graviton types carry a `g` after their generation: `i8g`, `i8ge`.

        https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
        """
        match = re.match(r"[a-z]+\d+([a-z-]*)\.", self.type)
        return Architecture.ARM if match and "g" in match[1] else Architecture.X86

    @property
    def storage_gb(self) -> int:
        """All NVMe disks together, in decimal gigabytes as EC2 states them."""
        return self.nvme_count * self.nvme_gb_each


@cache
def instances() -> Mapping[str, Instance]:
    """Known types by name, in the table's order."""
    text = (files(__package__) / "instances.csv").read_text(encoding="utf-8")
    return parse(text)


def parse(text: str) -> Mapping[str, Instance]:
    """Reads the table; `ValueError` names a row without disks, without source or twice."""
    found: dict[str, Instance] = {}
    for row in csv.DictReader(text.splitlines()):
        instance = Instance(
            type=row["type"],
            vcpu=int(row["vcpu"]),
            memory_gib=int(row["memory_gib"]),
            nvme_count=int(row["nvme_count"]),
            nvme_gb_each=int(row["nvme_gb_each"]),
            read_iops=int(row["read_iops"]),
            write_iops=int(row["write_iops"]),
            network_gbps_baseline=float(row["network_gbps_baseline"]),
            usd_per_hour=float(row["usd_per_hour"]),
            source=row["source"],
        )
        if None in row:
            raise ValueError(f"{instance.type} has more columns than the table: quote its commas")
        if instance.storage_gb <= 0:
            raise ValueError(f"{instance.type} has no instance store: a ring cannot stand on it")
        if not instance.source:
            raise ValueError(f"{instance.type} names no source for its figures")
        if instance.type in found:
            raise ValueError(f"{instance.type} is listed twice")
        found[instance.type] = instance
    return MappingProxyType(found)


def usd_per_hour() -> Mapping[str, float]:
    """On-demand prices in us-east-1, by type."""
    return {instance.type: instance.usd_per_hour for instance in instances().values()}
