"""What a drill would read, launch and compare, or every reason why it must not: decided at once."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paved_road_contract.instances import Instance
from paved_road_ring.restore import machine_of
from paved_road_ring_agent.software import version_of
from paved_road_ring_backup.restore import RestorePlan, RestoreRefusedError, Target
from paved_road_ring_backup.ring_manifest import RingManifest

MARGIN_SECONDS = 60
"""Writes carry the clock of their client and take a while to be acknowledged: those of the last
minute before a backup may be in it or not, and nothing is wrong either way."""


@dataclass(frozen=True, kw_only=True)
class DrillPlan:
    """`until`: what was written by then, in seconds since 1970, must be in the restored ring.

    `left` are instances of an earlier drill, which are ended first.
    """

    restore: RestorePlan
    target: Target
    machine: Instance
    until: int
    left: tuple[str, ...]

    @property
    def manifest(self) -> RingManifest:
        """The backup."""
        return self.restore.manifest

    @property
    def objects(self) -> int:
        """How many are read of the bucket."""
        return sum(len(fill.files) for fill in self.restore.fills.values())

    @property
    def usd_per_hour(self) -> float:
        """Of the scratch ring's instances, on demand in us-east-1; billed by the second."""
        return len(self.restore.fills) * self.machine.usd_per_hour

    def table_bytes(self) -> Mapping[str, int]:
        """Of one replica's data files, by full name; tables without a row have none."""
        found: dict[str, int] = defaultdict(int)
        for fill in self.restore.fills.values():
            for one in fill.files:
                table = _table_of(one.file.path)
                if table and one.file.path.endswith("-Data.db"):
                    found[table] += one.file.size
        replicas = len(self.manifest.racks)
        return {table: -(-size // replicas) for table, size in sorted(found.items())}

    def tables_in(self, text: str) -> list[str]:
        """Tables whose stored objects are named in it, as in what a node says of a corrupt one."""
        found = {
            _table_of(one.file.path) or one.keyspace
            for fill in self.restore.fills.values()
            for one in fill.files
            if one.key in text
        }
        return sorted(found)

    def keyspaces(self) -> list[str]:
        """Those that are compared: none of Cassandra's own."""
        named = {one for part in self.manifest.parts for one in part.facts.keyspaces}
        filed = {table.partition(".")[0] for table in self.table_bytes()}
        return sorted(one for one in named | filed if not _own(one))


def target(
    source: str,
    data_center: str,
    groups: Mapping[str, Mapping[str, Any]],
    wanted: str,
    manifest: RingManifest,
) -> tuple[Target, Instance]:
    """The scratch ring as a restore's target, as large as the backup. `RestoreRefusedError`.

    `wanted` is the label of its bundle. A drill has its instances for itself: none lives.
    """
    nodes, faults = manifest.nodes_per_rack, []
    small = sorted(rack for rack, group in groups.items() if int(group["MaxSize"]) < nodes)
    if small:
        faults.append(
            f"the backup has {nodes} nodes per rack, and {', '.join(small)} of the drill's stack "
            "take fewer: deploy it with as many"
        )
    machine, types = machine_of(groups)
    if machine is None:
        faults.append(f"the drill's racks are to have one known type of instance, and have {types}")
    if machine is None or faults:
        raise RestoreRefusedError("; ".join(faults))
    found = Target(
        ring=source,
        data_center=data_center,
        racks=tuple(sorted(groups)),
        nodes_per_rack=nodes,
        cassandra=version_of(wanted),
        living=(),
        disk_bytes=machine.storage_gb * 10**9,
        bits_per_second=machine.network_gbps_baseline * 1e9,
    )
    return found, machine


def _table_of(path: str) -> str | None:
    """`shop.orders` of `shop/orders-0123.../nb-1-big-Data.db`; none of Cassandra's own tables."""
    keyspace, folder, *_ = path.split("/")
    name = re.sub(r"-[0-9a-f]{32}$", "", folder)
    return None if _own(keyspace) else f"{keyspace}.{name}"


def _own(keyspace: str) -> bool:
    return keyspace == "system" or keyspace.startswith("system_")
