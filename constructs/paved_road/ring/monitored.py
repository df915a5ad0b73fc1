"""All that is watched about a ring, put together."""

from collections.abc import Mapping, Sequence

from constructs import Construct

from paved_road.estate import Region
from paved_road.monitoring import Monitoring
from paved_road.ring.drills import drill_watches
from paved_road.ring.shape import Shape
from paved_road.ring.watches import Series, ring_watches


def monitor(
    scope: Construct,
    *,
    region: Region,
    ring: str,
    shape: Shape,
    groups: Mapping[str, str],
    table_name: str,
    backed_up: bool,
    drilled_within_days: int | None,
    actions: Sequence[str],
) -> None:
    """Alarms and a dashboard; `groups` are names of the racks' groups by their zone's letter."""
    series = Series(shape=shape, estate=region.estate, ring=ring)
    Monitoring(
        scope,
        "Monitoring",
        title=f"Ring {ring} in {shape.data_center}",
        region=region.name,
        watches=[
            *ring_watches(series, groups=groups, table_name=table_name, backed_up=backed_up),
            *(drill_watches(series, drilled_within_days) if drilled_within_days else []),
        ],
        actions=actions,
    )
