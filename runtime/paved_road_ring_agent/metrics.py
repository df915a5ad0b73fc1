"""What agents publish every minute: the ring's metrics that its alarms watch."""

from collections.abc import Sequence
from typing import Any

from paved_road_ring_agent import metric_names
from paved_road_ring_agent.contract import NodeFile
from paved_road_ring_agent.gauges import Gauges

GC_GRACE_SECONDS = 10 * 86_400
"""Cassandra's default. A table with a shorter one needs a schedule of its own, and its own watch.
https://cassandra.apache.org/doc/5.0/cassandra/managing/operating/compaction/tombstones.html
"""


def newly_dropped(now: int, before: int | None) -> int:
    """Of two counts, the later minus the earlier; a lower one began anew with its process.

    Without an earlier one nobody knows when they were dropped, and none is new.
    """
    if before is None:
        return 0
    return now - before if now >= before else now


def metric_data(node: NodeFile, found: Gauges, dropped: int | None) -> list[dict[str, Any]]:
    """As `PutMetricData` takes it: what is known, in the series that all nodes share.

    By a call rather than by lines of the log: it needs no log agent to arrive, and is checked where
    it is made. `dropped` are the hints dropped since the last time.
    """
    cassandra, backups = found.node, found.backups
    values: Sequence[tuple[str, float | None, str]] = (
        (metric_names.SILENT_SLOTS, found.silent_slots, "Count"),
        (metric_names.DISK_USED, found.disk_used_percent, "Percent"),
        (
            metric_names.OLDEST_REPAIR,
            100 * cassandra.unrepaired_seconds / GC_GRACE_SECONDS if cassandra else None,
            "Percent",
        ),
        (metric_names.DROPPED_HINTS, dropped, "Count"),
        (
            metric_names.PENDING_COMPACTIONS,
            cassandra.pending_compactions if cassandra else None,
            "Count",
        ),
        (metric_names.CLOCK_OFFSET, found.clock_offset_milliseconds, "Milliseconds"),
        (metric_names.BACKUP_AGE, backups.whole_age_seconds if backups else None, "Seconds"),
        (metric_names.BACKUP_SLOTS_MISSING, backups.slots_missing if backups else None, "Count"),
        (metric_names.BACKUP_FAILURES, backups.failures if backups else None, "Count"),
        (metric_names.LOGS_AGE, backups.logs_age_seconds if backups else None, "Seconds"),
    )
    dimensions = [
        {"Name": metric_names.ESTATE_DIMENSION, "Value": node.estate},
        {"Name": metric_names.RING_DIMENSION, "Value": node.ring},
        {"Name": metric_names.DATA_CENTER_DIMENSION, "Value": node.data_center},
    ]
    return [
        {"MetricName": name, "Dimensions": dimensions, "Value": float(value), "Unit": unit}
        for name, value, unit in values
        if value is not None
    ]
