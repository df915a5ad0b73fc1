"""What to do about a release that is asked for: a pure function of what was observed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from paved_road_delivery.contract import cell_priority


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A release's stack, its service's lanes and its predecessor, at one moment.

    `status` and `standing` (its template) are None where no stack of that name exists; `retired`
    says that one did. `in_service` are the target groups that the live rule or the parameters give
    weight, idle ones left out; `settled` says that both agree. `live_capacity` is how many
    instances those groups have. `priorities` are taken on the test listener.
    """

    release: str
    number: int
    wanted: Mapping[str, Any]
    minimum: int
    maximum: int
    status: str | None = None
    standing: Mapping[str, Any] | None = None
    target_group: str | None = None
    retired: bool = False
    in_service: tuple[str, ...] = ()
    settled: bool = True
    live_capacity: int = 0
    priorities: frozenset[int] = frozenset()


class Action(StrEnum):
    """What happens to the stack."""

    CREATE = "create"
    KEEP = "keep"
    REFUSE = "refuse"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`adopt` puts the release in service, because nothing else is. `why` is for a person."""

    action: Action
    why: str
    floor: int = 0
    priority: int = 0
    adopt: bool = False


STANDING = frozenset({"CREATE_COMPLETE"})
"""A release is never updated, so no other state is one it should be found in."""


def decide(observed: Observed) -> Plan:
    """Create what does not exist, keep what is the same, refuse everything else."""
    others = set(observed.in_service) - {observed.target_group}
    unfinished = not others and (not observed.in_service or not observed.settled)
    if observed.status is None:
        return _create(observed, adopt=unfinished)
    if observed.status.endswith("_IN_PROGRESS"):
        return Plan(
            action=Action.REFUSE,
            why=f"{observed.release} is in state {observed.status}: wait until that is done",
        )
    if observed.status not in STANDING:
        return Plan(
            action=Action.REFUSE,
            why=f"{observed.release} is in state {observed.status}: delete its stack and give "
            "the next try a new number",
        )
    if changed := different(observed.standing or {}, observed.wanted):
        return Plan(
            action=Action.REFUSE,
            why=f"{observed.release} stands with another template and is never updated: give the "
            f"change a new number (different: {', '.join(changed)})",
        )
    return Plan(
        action=Action.KEEP,
        why=f"{observed.release} stands already, the same",
        adopt=unfinished,
    )


def _create(observed: Observed, *, adopt: bool) -> Plan:
    if observed.retired:
        return Plan(
            action=Action.REFUSE,
            why=f"{observed.release} stood before and was retired: numbers are never reused, give "
            "this one the next",
        )
    floor = max(observed.minimum, observed.live_capacity)
    if floor > observed.maximum:
        return Plan(
            action=Action.REFUSE,
            why=f"{observed.release} may have {observed.maximum} instances at most, and those in "
            f"service have {floor}: give it at least as many",
        )
    priority = cell_priority(observed.number)
    if priority in observed.priorities:
        return Plan(
            action=Action.REFUSE,
            why=f"priority {priority} on the test listener is taken by another release",
        )
    return Plan(
        action=Action.CREATE,
        why=f"{observed.release} starts with {floor} instances"
        + (" and goes into service, since nothing else is" if adopt else ", without traffic"),
        floor=floor,
        priority=priority,
        adopt=adopt,
    )


def different(standing: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """Places at which two templates differ, two levels deep: `Resources.Group`."""
    places: list[str] = []
    for section in sorted(standing.keys() | wanted.keys()):
        one, other = standing.get(section), wanted.get(section)
        if one == other:
            continue
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            places += [
                f"{section}.{name}"
                for name in sorted(one.keys() | other.keys())
                if one.get(name) != other.get(name)
            ]
        else:
            places.append(section)
    return places
