"""Back at once: the rule first, and everything else after it."""

from paved_road_delivery.ladder.asks import Rollback
from paved_road_delivery.ladder.common import named
from paved_road_delivery.ladder.gates import carried
from paved_road_delivery.ladder.guard import leftover
from paved_road_delivery.ladder.seen import Ended, Release, Seen, Traffic
from paved_road_delivery.ladder.steps import (
    Claim,
    Delete,
    Done,
    End,
    Raise,
    Record,
    Refuse,
    Route,
    Settle,
    Step,
    Wait,
)


def rollback(seen: Seen, ask: Rollback) -> Step:
    """To where the last walk came from, or to a release by name."""
    to = ask.to or (seen.walk.previous if seen.walk else None)
    if to is None:
        return Refuse(
            f"nothing was promoted in {seen.region}, so there is nothing to go back from: name the "
            f"release that shall have the traffic (standing: {_standing(seen)})"
        )
    return back(seen, to, ask.by, ask.why, tidies=ask.tidies)


def back(seen: Seen, to: str, by: str, why: str, *, tidies: bool = True) -> Step:  # noqa: PLR0911 - a line for each situation
    """All the traffic to `to`, or as much as it carries for now; then the walk's baseline goes.

    Needs no hold to begin with, since a rollback waits for nobody. It takes the hold right after
    the rule, so that whoever walks up finds it gone at their next step; looking again afterwards
    repairs what they moved in between.
    """
    target = seen.release(to)
    if target is None:
        return Refuse(named(seen, to))
    if target.healthy == 0 and seen.live != Traffic(shares={to: 100}):
        return Refuse(
            f"{to} has no healthy target, so nothing was moved and {seen.live} stays; rollback to "
            f"another release by name (with healthy targets: {_healthy(seen)})"
        )
    wanted = _as_far_as_it_carries(seen, target)
    if seen.live != wanted:
        return Route(wanted, why)
    holder = seen.holder
    if holder is None or holder.who != by or holder.until <= seen.now:
        return Claim(by, over=holder.who if holder else None)
    if seen.recorded != wanted:
        return Record(wanted)
    if not seen.settled:
        return Settle()
    if target.minimum < (enough := min(seen.full, target.maximum)):
        return Raise(to, enough)
    if wanted.share(to) < 100:
        return Wait(f"{to} carries {wanted.share(to)}% now; the rest follows as its targets come")
    walk = seen.walk
    if walk and walk.candidate != to and walk.ended is not Ended.ROLLED_BACK:
        return End(Ended.ROLLED_BACK, why)
    if tidies and (left := leftover(seen)):
        return Delete(left, waits=False)
    return Done(f"{to} has all the traffic in {seen.region}: {why}")


def _as_far_as_it_carries(seen: Seen, target: Release) -> Traffic:
    """More than its instances carry would bring down the one release that works.

    Two thirds carry everything for as long as the others take to come: instances aim at 60% of
    their processors, for a lost zone's sake. Where nobody else is healthy, all of it goes.
    """
    name, live = target.name, seen.live.shares
    healthy = {one.name for one in seen.releases if one.healthy}
    others = [one for one in live if one != name]
    share = max(seen.live.share(name), carried(target.healthy, seen.full))
    enough = 3 * target.healthy >= 2 * seen.full or not healthy.intersection(others)
    if enough or share == 100:
        return Traffic(shares={name: 100})
    candidate = seen.walk.candidate if seen.walk else None
    # Nobody gets more than before: first gives who is down, then who is being taken back.
    others.sort(key=lambda one: (one in healthy, one != candidate, one))
    shares, gain = {name: share}, share - seen.live.share(name)
    for one in others:
        given = min(gain, live[one])
        gain -= given
        shares[one] = live[one] - given
    return Traffic(shares={one: part for one, part in shares.items() if part})


def _standing(seen: Seen) -> str:
    return ", ".join(one.name for one in seen.releases) or "none"


def _healthy(seen: Seen) -> str:
    return ", ".join(one.name for one in seen.releases if one.healthy) or "none"
