"""A share by hand: no judge and no soak, but never onto those who cannot take it."""

from paved_road_delivery.ladder.asks import Shift
from paved_road_delivery.ladder.common import claim, enlarge, move, named
from paved_road_delivery.ladder.gates import noticed, sick, unready
from paved_road_delivery.ladder.seen import Seen, Traffic, Walk
from paved_road_delivery.ladder.steps import Begin, Done, Note, Refuse, Step


def shift(seen: Seen, ask: Shift) -> Step:
    """The release gets its percent, its counterpart in the walk (or in service) the rest."""
    walk = seen.under_way
    if why := _impossible(seen, ask, walk):
        return Refuse(why)
    if refused := claim(seen, ask.by):
        return refused
    other = _counterpart(seen, ask.release, walk)
    wanted = _wanted(ask, other, walk)
    if seen.live == seen.recorded == wanted and seen.settled and walk is None:
        return Done(f"{seen.region} has {wanted}")
    if why := _unwise(seen, ask, wanted):
        return Refuse(why)
    if walk is None:
        return Begin(_begun(seen, ask, other)) if other else Refuse(_alone(seen))
    return (
        enlarge(seen, walk.candidate, walk.previous)
        or move(seen, wanted, ask.why)
        or _noted(walk, wanted)
        or Done(f"{seen.region} has {wanted}; promote goes on from there, rollback ends it")
    )


def _impossible(seen: Seen, ask: Shift, walk: Walk | None) -> str | None:
    if not 0 <= ask.percent <= 100:
        return f"a share is 0 to 100 percent, not {ask.percent}"
    if seen.release(ask.release) is None:
        return named(seen, ask.release)
    if walk and ask.release not in {walk.candidate, walk.previous}:
        return (
            f"{walk.candidate} is on its way after {walk.previous}: promote it to the end or roll "
            f"it back before {ask.release} gets traffic"
        )
    return None


def _unwise(seen: Seen, ask: Shift, wanted: Traffic) -> str | None:
    if sum(wanted.shares.values()) < 100:
        return _alone(seen)
    if lacks := unready(seen, wanted):
        return "; ".join(lacks)
    found, candidate = seen.release(ask.release), seen.under_way and seen.under_way.candidate
    if found is None or ask.percent <= seen.live.share(found.name):
        return None
    ill = sick(seen, found) or (noticed(seen) if candidate in {None, found.name} else None)
    if ill:
        return f"{ill}: {found.name} gets no more traffic"
    return None


def _alone(seen: Seen) -> str:
    return f"no other release is in service in {seen.region} to have the rest"


def _counterpart(seen: Seen, release: str, walk: Walk | None) -> str | None:
    if walk:
        return walk.previous if release == walk.candidate else walk.candidate
    rest = {name: share for name, share in seen.live.shares.items() if name != release}
    return max(sorted(rest), key=lambda name: rest[name]) if rest else None


def _wanted(ask: Shift, other: str | None, walk: Walk | None) -> Traffic:
    shares = {ask.release: ask.percent}
    if other:
        shares[other] = 100 - ask.percent
    keeps = walk is not None and walk.cohort and 0 < shares[walk.candidate] < 100
    return Traffic(
        shares={name: share for name, share in shares.items() if share},
        cohort=walk.candidate if walk and keeps else None,
    )


def _begun(seen: Seen, ask: Shift, other: str) -> Walk:
    return Walk(
        candidate=ask.release,
        previous=other,
        full=max(1, sum(one.registered for one in seen.releases if seen.live.share(one.name))),
        since=seen.now,
        by=ask.by,
        why=ask.why,
        reached=seen.live.share(ask.release),
    )


def _noted(walk: Walk, wanted: Traffic) -> Note | None:
    reached = wanted.share(walk.candidate), wanted.cohort is not None
    return None if (walk.reached, walk.cohort) == reached else Note(*reached)
