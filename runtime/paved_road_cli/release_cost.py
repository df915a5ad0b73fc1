"""What a standing release costs, from its template and the list of prices."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paved_road_delivery.ladder import Release
    from paved_road_delivery.service import LiveService


def daily_cost(service: "LiveService", release: "Release") -> str:
    """Its members for a day at list price; disks, data and traffic not counted."""
    from paved_road_delivery.ladder.cost import daily
    from paved_road_delivery.listing import member_type
    from paved_road_estate.costs import instance_usd_per_hour

    kind = member_type(service, release.name)
    instances = max(release.registered, release.minimum)
    return daily(instances, kind, instance_usd_per_hour(kind))
