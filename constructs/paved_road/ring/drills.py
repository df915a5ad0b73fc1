"""What a ring has to do with drills: it is watched that they pass, or it is what they happen in."""

from paved_road.faults import Faults
from paved_road.monitoring import Watch
from paved_road.ring.watches import Series
from paved_road_contract.drills import DRILL_PASSED, drill_ring

MOST_DAYS = 7
"""CloudWatch looks back no further.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""
DAY_MINUTES, HOUR_MINUTES = 1_440, 60


def check_drills(
    faults: Faults,
    *,
    name: str,
    backed_up: bool,
    drilled_within_days: int | None,
    drills_of: str | None,
    deletable: bool,
) -> None:
    """Note what of these props cannot be."""
    if drilled_within_days is not None:
        faults.check(
            1 <= drilled_within_days <= MOST_DAYS,
            "drilled_within_days",
            f"must be 1 to {MOST_DAYS}, since CloudWatch looks back no further",
            drilled_within_days,
        )
        faults.check(
            backed_up, "backup", "must be given, so that there is something to drill", None
        )
    if drills_of is None:
        return
    faults.check(
        name == drill_ring(drills_of),
        "name",
        f"must be {drill_ring(drills_of)!r}, by which drills of {drills_of} find it",
        name,
    )
    faults.check(
        drilled_within_days is None,
        "drilled_within_days",
        "must stand at the ring that is drilled, not at what it is restored into",
        drilled_within_days,
    )
    faults.check(backed_up, "backup", f"must be given, to restore {drills_of} from", None)
    faults.check(
        deletable,
        "deletable",
        "must be True, since a drill ends its instances and what it holds is a copy",
        deletable,
    )


def drill_watches(series: Series, within_days: int) -> list[Watch]:
    """What the last drill found. Drills publish once, so what was said stays said.

    Between drills there is no data: `DrillFailed` stays as it is until the next one, and
    `DrillOld` counts hours without one that passed, also of a ring that never had one.
    """
    return [
        Watch(
            id="DrillFailed",
            meaning="the last drill did not bring the ring back from its backup as it was",
            metric=series.worst(DRILL_PASSED, "Minimum"),
            bound=1,
            minutes=1,
            below=True,
            silence_keeps=True,
        ),
        Watch(
            id="DrillOld",
            meaning=f"no drill passed in {within_days} days: nobody knows whether backups restore",
            metric=series.worst(DRILL_PASSED),
            bound=1,
            minutes=within_days * DAY_MINUTES,
            period_minutes=HOUR_MINUTES,
            below=True,
            silence_alarms=True,
        ),
    ]
