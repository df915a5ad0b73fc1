"""What a release costs that stands or would stand, from its template and the list of prices."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paved_road_delivery.ladder import Promote, Release
    from paved_road_delivery.service import LiveService


def daily_cost(service: "LiveService", release: "Release") -> str:
    """Its members for a day at list price; disks, data and traffic not counted."""
    return _daily(service, release.name, max(release.registered, release.minimum))


def cost_now(service: "LiveService", name: str) -> str:
    """The same of a release by name; nothing if it does not stand."""
    from paved_road_delivery.observe import observe

    found = observe(service).release(name)
    return daily_cost(service, found) if found else ""


def baseline_cost(service: "LiveService", ask: "Promote") -> str:
    """Which baseline a walk would make, and what that costs; nothing if it would make none."""
    from paved_road_delivery.ladder.compared import planned
    from paved_road_delivery.observe import observe

    copy = planned(observe(service), ask) if ask.copies else None
    return f"makes {copy.name}, {_daily(service, copy.of, copy.members)}" if copy else ""


def _daily(service: "LiveService", release: str, members: int) -> str:
    from paved_road_delivery.ladder.cost import daily
    from paved_road_delivery.listing import deployed_template
    from paved_road_estate.costs import member

    kind = member(deployed_template(service, release))
    return daily(members, kind.what, kind.usd_per_hour)
