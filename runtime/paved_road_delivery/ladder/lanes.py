"""Which release stands in which lane of the live rule."""

from collections.abc import Mapping, Sequence

from paved_road_delivery.ladder.seen import Traffic
from paved_road_delivery.service import Lane


def arrange(lanes: Sequence[Lane], idle: Sequence[str], weights: Mapping[str, int]) -> list[Lane]:
    """Lanes with these weights by target group, each release staying in the lane that it has.

    Who has no weight leaves, so that its stack can be deleted at any time; its health is checked
    all the same, through its test cell. `idle` are the target groups of lanes at rest, in order.
    Raises `ValueError` for more releases than lanes.
    """
    wanted = {group: weight for group, weight in weights.items() if weight}
    if len(wanted) > len(lanes):
        raise ValueError(f"{len(wanted)} releases and {len(lanes)} lanes")
    kept = [lane.target_group if lane.target_group in wanted else None for lane in lanes]
    coming = iter(sorted(wanted.keys() - set(kept)))
    placed = [group or next(coming, None) for group in kept]
    return [
        Lane(group, wanted[group]) if group else Lane(rest, 0)
        for group, rest in zip(placed, idle, strict=True)
    ]


def cohort_first(now: Traffic, wanted: Traffic) -> bool:
    """Whether the cohort goes before everybody else.

    It is the first to meet a release and the first to be taken back from it. Where all the others
    come to what it sees they come first: else it would see the old one for a moment.
    """
    return now.cohort != wanted.cohort and (now.cohort is None or wanted.share(now.cohort) < 100)
