"""What is watched about a ring, as data: metric, bound, and what it means when it is passed.

Group and table metrics exist as soon as the ring does. Agents publish the others; while none runs,
`SlotsSilent` is in alarm, which is the truth: nobody keeps the ring.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from paved_road.monitoring import Metric, Watch
from paved_road.ring.shape import Shape
from paved_road_ring_agent import metric_names


def ring_watches(
    series: "Series", *, groups: Mapping[str, str], table_name: str, backed_up: bool
) -> list[Watch]:
    """All of a ring; `groups` are names of the racks' groups by the racks' letters."""
    nodes = series.shape.nodes_per_rack
    return [
        *(rack_watch(letter, group, nodes) for letter, group in groups.items()),
        *table_watches(table_name),
        *agent_watches(series),
        *(backup_watches(series) if backed_up else []),
    ]


def rack_watch(letter: str, group_name: str, nodes: int) -> Watch:
    """A rack that lacks a node for longer than a restart takes."""
    return Watch(
        id=f"Rack{letter.upper()}Short",
        meaning=f"rack {letter} has fewer than its {nodes} nodes in service",
        metric=Metric(
            namespace="AWS/AutoScaling",
            name="GroupInServiceInstances",
            dimensions={"AutoScalingGroupName": group_name},
            statistic="Minimum",
        ),
        bound=nodes,
        minutes=5,
        below=True,
        silence_alarms=True,
    )


def table_watches(table_name: str) -> list[Watch]:
    """Claims and leases that DynamoDB turned away."""
    return [
        Watch(
            id=f"Slot{kind}sThrottled",
            meaning=f"the slot table throttles {kind.lower()}s, so claims and leases may lapse",
            metric=Metric(
                namespace="AWS/DynamoDB",
                name=f"{kind}ThrottleEvents",
                dimensions={"TableName": table_name},
                statistic="Sum",
            ),
            bound=0,
            minutes=5,
        )
        for kind in ("Read", "Write")
    ]


@dataclass(frozen=True, kw_only=True)
class Series:
    """What the agents of one data center publish, all in the same series."""

    shape: Shape
    estate: str
    ring: str

    def worst(self, name: str, statistic: str = "Maximum") -> Metric:
        """Of all nodes."""
        return Metric(
            namespace=metric_names.METRICS,
            name=name,
            dimensions={
                metric_names.ESTATE_DIMENSION: self.estate,
                metric_names.RING_DIMENSION: self.ring,
                metric_names.DATA_CENTER_DIMENSION: self.shape.data_center,
            },
            statistic=statistic,
        )


def agent_watches(series: Series) -> list[Watch]:
    """What only the nodes know. Bounds are where a person still has time to act."""
    worst = series.worst
    return [
        Watch(
            id="SlotsSilent",
            meaning="a slot's holder is silent, or no agent runs at all: nothing is replaced",
            metric=worst(metric_names.SILENT_SLOTS),
            bound=0,
            minutes=5,
            silence_alarms=True,
        ),
        Watch(
            id="DiskFilling",
            meaning="a data volume is over 60% full: compaction needs the rest, so grow the ring",
            metric=worst(metric_names.DISK_USED),
            bound=60,
            minutes=15,
        ),
        Watch(
            id="RepairLate",
            meaning="a table was not repaired for 70% of its gc_grace: deleted rows may return",
            metric=worst(metric_names.OLDEST_REPAIR),
            bound=70,
            minutes=15,
        ),
        Watch(
            id="HintsDropped",
            meaning="writes that a node missed are lost to it until the next repair",
            metric=worst(metric_names.DROPPED_HINTS, "Sum"),
            bound=0,
            minutes=1,
        ),
        Watch(
            id="CompactionsPending",
            meaning="a node falls behind on compaction: reads slow down and disks fill",
            metric=worst(metric_names.PENDING_COMPACTIONS),
            bound=100,
            minutes=30,
        ),
        Watch(
            id="ClockSkewed",
            meaning="a node's clock is off by more than 100 ms: the wrong write may win",
            metric=worst(metric_names.CLOCK_OFFSET),
            bound=100,
            minutes=5,
        ),
    ]


def backup_watches(series: Series) -> list[Watch]:
    """How a ring with a backup bucket is backed up.

    One agent alone knows how old the whole is, so silence counts: nobody sees to it, or there never
    was a whole backup. A lease changes hands within two minutes. A slot that was taken over counts
    as missing until its holder has sent all of its disk, which takes hours where there is much.
    """
    worst = series.worst
    return [
        Watch(
            id="BackupOld",
            meaning="what was acknowledged in the last three hours would be lost with all "
            "instances, or nobody knows how much would be",
            metric=worst(metric_names.BACKUP_AGE),
            bound=metric_names.OLDEST_BACKUP_SECONDS,
            minutes=30,
            silence_alarms=True,
        ),
        Watch(
            id="BackupsFail",
            meaning="a node's backup has failed three times in a row and goes on failing",
            metric=worst(metric_names.BACKUP_FAILURES),
            bound=2,
            minutes=15,
        ),
        Watch(
            id="LogsOld",
            meaning="a node has not shipped its commit log for five minutes: with all instances "
            "lost, no restore would reach later than that",
            metric=worst(metric_names.LOGS_AGE),
            bound=metric_names.OLDEST_LOGS_SECONDS,
            minutes=10,
        ),
        Watch(
            id="BackupLacksSlots",
            meaning="a slot has had no backup for an hour, so no whole one can be made",
            metric=worst(metric_names.BACKUP_SLOTS_MISSING),
            bound=0,
            minutes=60,
        ),
    ]
