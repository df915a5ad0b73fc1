"""What several decisions share: the hold, the order of a move, capacity that must not shrink."""

from paved_road_delivery.ladder.seen import Seen, Traffic, Walk
from paved_road_delivery.ladder.steps import Claim, Raise, Record, Refuse, Route, Settle, Stop


def claim(seen: Seen, by: str) -> Claim | Refuse | None:
    """Take hold, or hear who has it; None once it is ours. A hold that lapsed is nobody's."""
    holder = seen.holder
    if holder is None or holder.until <= seen.now:
        return Claim(by)
    if holder.who == by:
        return None
    return Refuse(
        f"{holder.who} holds {seen.service} in {seen.region} since {holder.since:%H:%M} UTC "
        f"({holder.doing}): ask them, or wait until {holder.until:%H:%M} UTC; a rollback need not"
    )


def move(seen: Seen, wanted: Traffic, why: str) -> Record | Route | Settle | None:
    """Up: parameters before the rule, so that no stack update undoes it. None once it is so."""
    if seen.recorded != wanted:
        return Record(wanted)
    if seen.live != wanted:
        return Route(wanted, why)
    return None if seen.settled else Settle()


def enlarge(seen: Seen, *releases: str) -> Raise | Stop | None:
    """Let nobody shrink who must be able to take all traffic; target tracking would."""
    for name in releases:
        found = seen.release(name)
        if found is None or found.minimum >= seen.full:
            continue
        if found.maximum < seen.full:
            return Stop(
                f"{name} may have {found.maximum} instances at most and all the traffic takes "
                f"{seen.full}: it cannot take it alone, so traffic stays as it is"
            )
        return Raise(name, seen.full)
    return None


def ever_served(seen: Seen, walk: Walk) -> bool:
    """Whether the candidate had users, testers aside; a rollback that is under way is of one."""
    noted = walk.reached > 0 or walk.cohort
    return noted or any(one.serves(walk.candidate) for one in (seen.live, seen.recorded))


def named(seen: Seen, release: str) -> str:
    """A refusal's end: what does stand."""
    standing = ", ".join(one.name for one in seen.releases) or "none"
    return f"{release} does not stand in {seen.region} (standing: {standing})"
