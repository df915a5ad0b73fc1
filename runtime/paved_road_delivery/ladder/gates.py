"""What must hold before traffic goes somewhere: live health, capacity, alarms, the judge."""

from datetime import datetime, timedelta

from paved_road_delivery.contract import is_of_health
from paved_road_delivery.ladder.asks import Rung
from paved_road_delivery.ladder.seen import Judged, Release, Seen, Traffic, Verdict, Walk


def needed(share: int, full: int) -> int:
    """Healthy instances for a share of all traffic, if `full` carry all of it; one at least."""
    return max(1, -(-share * full // 100))


def carried(healthy: int, full: int) -> int:
    """Percent of all traffic that so many healthy instances carry."""
    return min(100, 100 * healthy // full)


def unready(seen: Seen, traffic: Traffic) -> tuple[str, ...]:
    """Why releases that get more in `traffic` than they have live cannot take it; or nothing.

    A load balancer does not fail away from a target group with weight and without healthy targets,
    so one that keeps its share is asked for one at least.
    """
    told = []
    for name in traffic.served:
        found = seen.release(name)
        if found is None or not found.whole:
            told.append(f"{name} does not stand complete in {seen.region}")
            continue
        share = traffic.share(name)
        more = share > seen.live.share(name) or not seen.live.serves(name)
        wants = needed(share, seen.full) if more else 1
        if found.healthy < wants:
            told.append(
                f"{name} has {found.healthy} healthy targets and needs {wants} for {share}%"
            )
    return tuple(told)


def sick(seen: Seen, release: Release) -> str | None:
    """Why a release with traffic must give it back; None if nothing says so."""
    if seen.live.serves(release.name) and release.healthy == 0:
        return f"{release.name} has traffic and no healthy target"
    if release.alarms:
        return f"{release.name} is in alarm: {', '.join(sorted(release.alarms))}"
    return None


def unproved(seen: Seen, walk: Walk) -> bool:
    """Whether all that is said against the candidate is that it was not healthy for long.

    That alarm takes silence for ill health, so every release begins with it.
    """
    candidate = seen.release(walk.candidate)
    return bool(candidate and candidate.alarms and all(map(is_of_health, candidate.alarms)))


def starved(seen: Seen, walk: Walk) -> str | None:
    """Whether users of the walk's baseline meet nobody; its alarms compare and end nothing."""
    name = walk.baseline
    if name is None or not seen.live.serves(name):
        return None
    found = seen.release(name)
    return None if found and found.healthy else f"{name} has traffic and no healthy target"


def noticed(seen: Seen) -> str | None:
    """Why nobody gets new traffic and a candidate loses it, whoever's fault it is."""
    if seen.alarms:
        return f"{seen.service} is in alarm: {', '.join(sorted(seen.alarms))}"
    return None


def judged(seen: Seen, walk: Walk) -> Verdict | None:
    """The judge's word on this rung: about the candidate, from samples since it was reached."""
    verdict = seen.verdict
    fits = verdict and verdict.candidate == walk.candidate and verdict.since >= walk.since
    return verdict if fits else None


def failed(seen: Seen, walk: Walk) -> str | None:
    """Why the walk goes back by itself; None if nothing says so."""
    candidate = seen.release(walk.candidate)
    if candidate is None:
        return f"{walk.candidate} does not stand any more"
    if why := sick(seen, candidate) or starved(seen, walk):
        return why
    if seen.live.serves(walk.candidate) and (why := noticed(seen)):
        return why
    verdict = judged(seen, walk)
    if verdict and verdict.judged is Judged.FAIL:
        return f"the judge fails {walk.candidate}: {verdict.why}"
    return None


def soaked(walk: Walk, rung: Rung) -> datetime:
    """When a rung's shortest stay is over."""
    return walk.since + rung.soak


def undecided(seen: Seen, walk: Walk, rung: Rung, patience: timedelta) -> tuple[str, bool] | None:
    """What the judge still owes on this rung, and whether patience is at its end."""
    if not rung.judged:
        return None
    verdict = judged(seen, walk)
    if verdict and verdict.judged is Judged.PASS:
        return None
    what = (
        f"the judge is undecided about {walk.candidate} at {rung.percent}%: {verdict.why}"
        if verdict
        else f"the judge has said nothing about {walk.candidate} at {rung.percent}%"
    )
    return what, seen.now >= walk.since + patience
