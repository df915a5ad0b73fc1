"""The baseline that a walk makes: a copy of what is in service, of the candidate's age and size.

Its name says what it is a copy of, so whoever looks knows that a walk made it, and whether that
walk is over. No other state of it is kept.
"""

from dataclasses import replace

from paved_road_delivery import contract
from paved_road_delivery.ladder.asks import Promote
from paved_road_delivery.ladder.common import enlarge
from paved_road_delivery.ladder.guard import no_room, why_kept
from paved_road_delivery.ladder.seen import Seen, Stack, Walk
from paved_road_delivery.ladder.steps import Begin, Copy, Raise, Refuse, Stop, Wait


def makes_one(ask: Promote) -> bool:
    """Whether a rung that is asked for compares, and nobody made a baseline for it."""
    return ask.copies and any(rung.compares and rung.percent <= ask.until for rung in ask.rungs)


def planned(seen: Seen, ask: Promote) -> Copy | None:
    """What a walk makes once it goes; None if it makes nothing, or nothing more."""
    walk = seen.under_way
    previous = walk.previous if walk else seen.in_service
    if previous in {None, ask.release} or not makes_one(ask) or (walk and walk.reached):
        return None
    name = (walk and walk.baseline) or contract.baseline_name(str(previous))
    if not contract.is_baseline(name) or (walk and seen.release(name)):
        return None
    return Copy(name, str(previous), _members(seen, ask.release, str(previous)))


def cannot_stand(seen: Seen, previous: str) -> str | None:
    """Why no walk that makes a baseline may begin; None if one may."""
    name = contract.baseline_name(previous)
    found = seen.release(name)
    if found and found.stack is not Stack.GOING:
        kept = why_kept(seen, found) or f"its deletion failed ({found.stack})"
        return f"{name} stands already and no walk needs it, but it stays: {kept}"
    return _full(seen, name)


def begin_late(seen: Seen, ask: Promote, walk: Walk) -> Begin | Refuse | None:
    """For a walk that began without a baseline and shall be judged now; None if all is noted."""
    if walk.baseline or not makes_one(ask) or walk.reached == 100:
        return None
    if walk.reached:
        return Refuse(
            f"the walk of {walk.candidate} came to {walk.reached}% without a baseline, and one "
            "that is made now is not of its age: go on by alarms with --not-judged"
        )
    if why := cannot_stand(seen, walk.previous):
        return Refuse(why)
    return Begin(replace(walk, baseline=contract.baseline_name(walk.previous)))


def stands_by(seen: Seen, walk: Walk) -> Copy | Raise | Wait | Stop | None:
    """Make the walk's baseline as large as the candidate. None while nothing is to be done.

    It is begun with the walk, so that both are of an age. Nobody waits for it here: no share goes
    to a release that is not complete and healthy.
    """
    name = walk.baseline
    if name is None:
        return None
    found = seen.release(name)
    if found and found.whole:
        return enlarge(seen, name)
    return _made(seen, walk, name) if contract.is_baseline(name) else None


def going(seen: Seen) -> Wait | None:
    """Until a walk's baseline is gone."""
    for one in seen.releases:
        if contract.is_baseline(one.name) and one.stack is Stack.GOING:
            return Wait(f"{one.name} is being deleted")
    return None


def _made(seen: Seen, walk: Walk, name: str) -> Copy | Wait | Stop | None:
    found = seen.release(name)
    if found is None:
        return _copy(seen, walk, name)
    if found.stack is Stack.GOING:
        return Wait(f"{name} of an earlier walk is being deleted")
    if found.stack is Stack.COMING:
        return None
    return Stop(
        f"{name} is {found.stack}, as the events of its stack say: end it with release retire "
        "--baseline, then promote makes another one; or go by alarms with --not-judged"
    )


def _members(seen: Seen, candidate: str, previous: str) -> int:
    """As many as the candidate's fewest, once it was enlarged."""
    sizes = [one.minimum for one in seen.releases if one.name == candidate]
    most = [one.maximum for one in seen.releases if one.name == previous]
    return min([max([seen.full, *sizes]), *most])


def _copy(seen: Seen, walk: Walk, name: str) -> Copy | Stop:
    if why := _full(seen, name):
        return Stop(why)
    if seen.release(walk.previous) is None:
        return Stop(f"{walk.previous} does not stand any more, so no baseline can be made of it")
    return Copy(name, walk.previous, _members(seen, walk.candidate, walk.previous))


def _full(seen: Seen, name: str) -> str | None:
    why = no_room(seen, name)
    return f"the walk's baseline is a release more: {why}; or go by alarms" if why else None
