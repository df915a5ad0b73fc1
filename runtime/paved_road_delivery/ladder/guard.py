"""The traffic guard: what can still take traffic is neither retired, nor emptied, nor forgotten."""

from paved_road_delivery import contract
from paved_road_delivery.ladder.asks import Hold, Retire
from paved_road_delivery.ladder.common import claim, enlarge, named
from paved_road_delivery.ladder.gates import needed
from paved_road_delivery.ladder.seen import Release, Seen, Stack
from paved_road_delivery.ladder.steps import Delete, Done, Keep, Refuse, Step

MOST_STANDING = 5
"""Releases of a service side by side: one in service, its successor, a baseline, and two held."""

UNUSABLE = frozenset({Stack.BROKEN, Stack.STUCK})
"""States of a stack in which a walk has no use for its baseline."""


def hold(seen: Seen, ask: Hold) -> Step:
    """Mark first, so that a release is never large without a reason that can be read."""
    found = seen.release(ask.release)
    if found is None:
        return Refuse(named(seen, ask.release))
    if ask.until and ask.until <= seen.now:
        return Refuse(f"{ask.until:%Y-%m-%d %H:%M} UTC is past: hold {found.name} until later")
    if refused := claim(seen, ask.by):
        return refused
    if found.held_until != ask.until:
        return Keep(found.name, ask.until)
    if ask.until is None:
        return Done(f"{found.name} is not held in {seen.region}")
    return enlarge(seen, found.name) or Done(
        f"{found.name} is held in {seen.region} until {ask.until:%Y-%m-%d %H:%M} UTC with "
        f"{found.minimum} instances at least"
    )


def retire(seen: Seen, ask: Retire) -> Step:
    """Delete what nobody needs; a first try only says what that would be."""
    found = seen.release(ask.release)
    if found is None:
        left = leftover(seen) if ask.confirmed else None
        gone = Done(f"{ask.release} does not stand in {seen.region}")
        return (claim(seen, ask.by) or Delete(left)) if left else gone
    if kept := why_kept(seen, found):
        return Refuse(f"{found.name} stays: {kept}")
    if not ask.confirmed:
        return Done(
            f"would delete {found.name} in {seen.region} with its {found.registered} instances"
            + ("" if contract.is_baseline(found.name) else "; its number is never used again")
        )
    return claim(seen, ask.by) or Delete(found.name)


def why_kept(seen: Seen, release: Release) -> str | None:
    """Why a release may not be retired now; None if it may."""
    name, walk = release.name, seen.under_way
    if seen.live.serves(name) or seen.recorded.serves(name):
        return f"it has traffic ({seen.live}; parameters: {seen.recorded})"
    parts = {walk.candidate, walk.previous} if walk else set()
    # At 100% nothing is left to compare with.
    compares = walk and name == walk.baseline and walk.reached < 100
    if walk and (name in parts or (compares and release.stack not in UNUSABLE)):
        return f"it is part of the walk of {walk.candidate}: end that or roll it back first"
    if release.held_until and release.held_until > seen.now:
        return f"it is held until {release.held_until:%Y-%m-%d %H:%M} UTC: lift the hold first"
    if release.healthy == 0:
        return None
    return _last_resort(seen, name)


def _last_resort(seen: Seen, name: str) -> str | None:
    """Whether the release may be needed, since who serves is not well."""
    serving = [one for one in seen.releases if one.name != name and seen.live.serves(one.name)]
    if not any(one.healthy for one in serving):
        return "no release with traffic is healthy, and this one is"
    for one in serving:
        if one.healthy < (wants := needed(seen.live.share(one.name), one.registered)):
            return (
                f"{one.name} has {one.healthy} healthy targets where {wants} are wanted, and this "
                "one may have to take its traffic"
            )
        if one.alarms:
            return f"{one.name} is in alarm, and this one may have to take its traffic"
    return None


def leftover(seen: Seen) -> str | None:
    """A baseline that a walk made and none needs any more.

    Its walk is ended before it goes, since the judge's word on what was measured needs both. One
    whose deletion failed is a person's: it would fail again.
    """
    for one in seen.releases:
        ends = one.stack not in {Stack.GOING, Stack.STUCK}
        if contract.is_baseline(one.name) and ends and why_kept(seen, one) is None:
            return one.name
    return None


def may_be_retired(seen: Seen) -> tuple[str, ...]:
    """Releases that nothing keeps."""
    return tuple(one.name for one in seen.releases if why_kept(seen, one) is None)


def no_room(seen: Seen, name: str) -> str | None:
    """Why another release may not be created; None if there is room or it stands already."""
    if seen.release(name) or len(seen.releases) < MOST_STANDING:
        return None
    told = f"{len(seen.releases)} releases of {seen.service} stand in {seen.region}, the most: "
    if free := may_be_retired(seen):
        return f"{told}retire one of {', '.join(free)} before {name} is deployed"
    kept = "; ".join(f"{one.name}: {why_kept(seen, one)}" for one in seen.releases)
    return f"{told}none may be retired ({kept})"


def may_not_shrink(seen: Seen, name: str, to: int) -> str | None:
    """Why a release's minimum or size may not be set to `to`, zero included; None if it may."""
    found = seen.release(name)
    if found is None or to >= found.minimum:
        return None
    if found.healthy and not any(one.healthy for one in seen.releases if one.name != name):
        return f"{name} is the last healthy release of {seen.service} in {seen.region}"
    if to < (wants := _wanted(seen, found)):
        return f"{name} must be able to take traffic: it needs {wants} instances, not {to}"
    return None


def too_small(seen: Seen) -> tuple[str, ...]:
    """Releases that may shrink to less than they must take back, as after a change by hand.

    Whoever may change a group can set its minimum; AWS has nothing that forbids only less than a
    number. So it is seen, not prevented: promote and hold raise it again at their next look.
    """
    return tuple(
        f"{one.name} may shrink to {one.minimum} instances and must keep {wants}: hold it"
        for one in seen.releases
        if one.minimum < (wants := min(_wanted(seen, one), one.maximum))
    )


def _wanted(seen: Seen, release: Release) -> int:
    """How many instances it must be able to keep: all that serve, its share of them, or none."""
    name, walk = release.name, seen.under_way
    part = walk and name in {walk.candidate, walk.previous}
    held = release.held_until and release.held_until > seen.now
    wants = seen.full if part or held else 0
    if seen.live.serves(name) or seen.recorded.serves(name):
        wants = max(wants, needed(seen.live.share(name), seen.full))
    return wants
