"""Up the ladder, rung by rung; back by itself when the release fails."""

from paved_road_delivery import contract
from paved_road_delivery.ladder.asks import Promote, Rung
from paved_road_delivery.ladder.back import back
from paved_road_delivery.ladder.common import claim, enlarge, ever_served, move, named
from paved_road_delivery.ladder.compared import (
    begin_late,
    cannot_stand,
    going,
    makes_one,
    stands_by,
)
from paved_road_delivery.ladder.gates import (
    failed,
    noticed,
    soaked,
    undecided,
    unproved,
    unready,
)
from paved_road_delivery.ladder.guard import leftover
from paved_road_delivery.ladder.seen import Ended, Seen, Traffic, Walk
from paved_road_delivery.ladder.steps import (
    Begin,
    Delete,
    Done,
    End,
    Keep,
    Note,
    Record,
    Refuse,
    Settle,
    Step,
    Stop,
    Wait,
)


def promote(seen: Seen, ask: Promote) -> Step:  # noqa: PLR0911 - a line for each situation
    """The next step up, or back, or none."""
    if refused := claim(seen, ask.by):
        return refused
    walk = seen.under_way
    if walk is None:
        return _before(seen, ask)
    if walk.candidate != ask.release:
        return Refuse(
            f"{walk.candidate} is on its way ({walk.reached}%, begun by {walk.by}): promote it to "
            "the end or roll it back first"
        )
    if why := failed(seen, walk):
        if ever_served(seen, walk):
            return back(seen, walk.previous, ask.by, why)
        if unproved(seen, walk) and seen.now < walk.since + ask.patience:
            return _in_step(seen) or Wait(f"{why}, as every release is at first")
        return Stop(why)
    if _taken_back(seen, walk):
        if not ask.again:
            why = f"{walk.candidate} had {walk.reached}% and something took traffic back"
            return back(seen, walk.previous, ask.by, why)
        return _in_step(seen) or _note(seen, walk)
    if _ahead(seen, walk):
        if seen.recorded != seen.live:
            return Refuse(
                f"the rule gives {seen.live}, the parameters {seen.recorded}, and the walk of "
                f"{walk.candidate} knows of {walk.reached}%: something else moves traffic. Say "
                "what holds with shift or rollback"
            )
        return _in_step(seen) or _note(seen, walk)
    late = begin_late(seen, ask, walk)
    return late or enlarge(seen, walk.candidate, walk.previous) or _on(seen, ask, walk)


def traffic_at(rung: Rung, walk: Walk) -> Traffic:
    """Who gets what on a rung. The baseline has the candidate's share, so that both are alike."""
    part = rung.percent
    if part == 100:
        return Traffic(shares={walk.candidate: 100})
    shares = {walk.previous: 100}
    if part:
        shares[walk.candidate] = part
        if walk.baseline and rung.compares:
            shares[walk.baseline] = part
        shares[walk.previous] -= sum(shares.values()) - 100
    return Traffic(shares=shares, cohort=walk.candidate if rung.cohort else None)


def _before(seen: Seen, ask: Promote) -> Step:  # noqa: PLR0911 - a line for each situation
    """Nothing is on its way yet."""
    name, previous, last = ask.release, seen.in_service, seen.walk
    if left := leftover(seen):
        return Delete(left, waits=False)
    if last and last.candidate == name and last.ended is Ended.ROLLED_BACK and not ask.again:
        return Refuse(f"{name} was rolled back ({last.told}): --again lets it try once more")
    if previous == name and seen.live.share(name) == 100:
        if moved := _in_step(seen):
            return moved
        return Done(f"{name} has all the traffic in {seen.region}")
    candidate = seen.release(name)
    if candidate is None:
        return Refuse(named(seen, name))
    if not candidate.whole:
        return Refuse(f"the creation of {name} is not complete: release deploy says why")
    if previous is None or previous == name:
        return Refuse(
            f"no release of {seen.service} is in service in {seen.region} that {name} could "
            "follow: release deploy puts a first one in service"
        )
    if why := noticed(seen):
        return Refuse(f"{why}: no walk begins before that is over")
    if ask.baseline and seen.release(ask.baseline) is None:
        return Refuse(f"the baseline {named(seen, ask.baseline)}")
    if ask.baseline in {name, previous}:
        return Refuse(
            f"{ask.baseline} is no baseline: it takes a third release, made from the template of "
            f"{previous} when {name} was made"
        )
    makes = makes_one(ask)
    if makes and (why := cannot_stand(seen, previous)):
        return Refuse(why)
    if moved := _in_step(seen):
        return moved
    again = last and last.candidate == name and ever_served(seen, last)
    return Begin(
        Walk(
            candidate=name,
            previous=previous,
            baseline=contract.baseline_name(previous) if makes else ask.baseline,
            begun=None if again or seen.live.serves(name) else seen.now,
            full=max(1, sum(one.registered for one in seen.releases if seen.live.share(one.name))),
            since=seen.now,
            by=ask.by,
            why=ask.why,
            reached=seen.live.share(name),
            cohort=seen.live.cohort == name,
        )
    )


def _on(seen: Seen, ask: Promote, walk: Walk) -> Step:
    """From the rung where the walk stands to the next one."""
    stands = [rung for rung in ask.rungs if _has(walk, rung)]
    rung = stands[-1] if stands else ask.rungs[0]
    ahead = [one for one in ask.rungs if not _has(walk, one) and one.percent <= ask.until]
    if not ahead:
        # Who died in the last step may have left the cohort apart from all the others.
        all_of_it = Traffic(shares={walk.candidate: 100})
        whole = move(seen, all_of_it, ask.why) if walk.reached == 100 else None
        return whole or _in_step(seen) or _arrived(seen, ask, walk, rung)
    if any(one.compares for one in ahead) and (step := stands_by(seen, walk)):
        return step
    wanted = traffic_at(ahead[0], walk)
    if (over := soaked(walk, rung)) > seen.now:
        return _in_step(seen) or Wait(f"{walk.candidate} soaks at {seen.live}", over)
    if owed := undecided(seen, walk, rung, ask.patience):
        why, at_an_end = owed
        return _in_step(seen) or (Stop(why) if at_an_end else Wait(why))
    if lacks := unready(seen, wanted):
        why = "; ".join(lacks)
        late = seen.now >= over + ask.patience
        return _in_step(seen) or (Stop(why) if late else Wait(why))
    moved = move(seen, wanted, f"{ask.why}: from {seen.live} to {wanted}")
    return moved or _note(seen, walk)


def _arrived(seen: Seen, ask: Promote, walk: Walk, rung: Rung) -> Step:
    if walk.reached < 100:
        return Done(f"{walk.candidate} has {walk.reached}% in {seen.region}, as asked")
    if left := leftover(seen):
        return Delete(left, waits=False)
    previous, until = seen.release(walk.previous), walk.since + ask.hold
    if previous and ask.hold and (previous.held_until is None or previous.held_until < until):
        return Keep(walk.previous, until)
    if (over := soaked(walk, rung)) > seen.now:
        return Wait(f"{walk.candidate} soaks at {seen.live}", over)
    return going(seen) or End(Ended.IN_SERVICE, ask.why)


def _has(walk: Walk, rung: Rung) -> bool:
    """Whether the walk is on this rung or above."""
    if rung.percent:
        return walk.reached >= rung.percent
    return not rung.cohort or walk.cohort or walk.reached > 0


def _taken_back(seen: Seen, walk: Walk) -> bool:
    share = seen.live.share(walk.candidate)
    cohort = walk.cohort and seen.live.cohort != walk.candidate
    return share < walk.reached or (cohort and share < 100)


def _ahead(seen: Seen, walk: Walk) -> bool:
    """Whether live traffic is further than what was noted: a step whose note is missing."""
    share = seen.live.share(walk.candidate)
    return share > walk.reached or (seen.live.cohort == walk.candidate and not walk.cohort)


def _in_step(seen: Seen) -> Record | Settle | None:
    """While nothing moves, parameters follow the rule: any stack update would apply them."""
    if seen.recorded != seen.live:
        return Record(seen.live)
    return None if seen.settled else Settle()


def _note(seen: Seen, walk: Walk) -> Note:
    return Note(seen.live.share(walk.candidate), seen.live.cohort == walk.candidate)
