"""Whether an alarm takes a release back: only what was promoted lately, only to who can serve."""

from datetime import timedelta

from paved_road_delivery.ladder.asks import Rollback
from paved_road_delivery.ladder.common import ever_served
from paved_road_delivery.ladder.gates import noticed, sick, starved
from paved_road_delivery.ladder.seen import Ended, Seen, Walk

BY = "alarms"
"""Holds the service for all alarms: two that start together do the same and don't fight for it."""

WATCHED = timedelta(hours=1)
"""How long after a walk's end. What starts later has other causes more often than the release, and
a person who looks at it finds the old release held."""


def alarmed(seen: Seen, alarm: str) -> Rollback | str:  # noqa: PLR0911 - a line for each situation
    """The rollback that an alarm asks for, or why it asks for none.

    Looks at what is on now and not at the alarm, which may be over; its name is for the audit
    trail. A rollback that was begun and not ended is one to go on with, whatever is on.
    """
    walk = seen.walk
    if walk is None:
        return "nothing was promoted, so there is nothing to go back from"
    if walk.ended is Ended.ROLLED_BACK:
        return f"{walk.candidate} was rolled back already"
    if not ever_served(seen, walk):
        return f"{walk.candidate} had no traffic yet"
    if not _begun(seen, walk):
        if walk.ended and seen.now > walk.since + WATCHED:
            since = f"{walk.since:%Y-%m-%d %H:%M} UTC"
            return f"{walk.candidate} serves since {since}, too long for this to be its doing"
        if not _ails(seen, walk):
            return "the alarm is over, and no other one is on"
    previous = seen.release(walk.previous)
    if previous is None or not previous.healthy:
        return f"{walk.previous} has no healthy target, so nothing goes back to it"
    if walk.ended and (previous.held_until is None or previous.held_until <= seen.now):
        return f"{walk.previous} is not held any more, so nothing goes back to it"
    return Rollback(by=BY, why=f"alarm {alarm}", tidies=False)


def _begun(seen: Seen, walk: Walk) -> bool:
    """Whether a rollback was begun and not ended: it alone moves the rule before the rest."""
    share = seen.live.share(walk.candidate)
    if walk.ended is None:
        return share < walk.reached
    # Who shifts by hand puts the parameters first, and holds the service meanwhile.
    holder = seen.holder
    others = holder is not None and holder.until > seen.now and holder.who != BY
    behind = share < seen.recorded.share(walk.candidate) or not seen.settled
    return share < walk.reached and behind and not others


def _ails(seen: Seen, walk: Walk) -> bool:
    """Whether anything is on that `promote` would go back for."""
    candidate = seen.release(walk.candidate)
    if candidate is None or sick(seen, candidate) or starved(seen, walk):
        return True
    return seen.live.serves(walk.candidate) and noticed(seen) is not None
