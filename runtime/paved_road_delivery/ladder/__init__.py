"""How traffic goes from one release to the next and back: pure decisions, one step at a time.

Whoever drives them reads a service (`Seen`), asks `decide` for the next step, does it and reads
again, until the answer is the last one. Nothing is remembered in between, so the driver may be
killed after any step and anybody may go on. Whatever happens it lets go of its hold at the end.
"""

from paved_road_delivery.ladder.asks import Ask, Hold, Promote, Retire, Rollback, Shift
from paved_road_delivery.ladder.decide import decide
from paved_road_delivery.ladder.seen import Ended, Holder, Release, Seen, Traffic, Verdict, Walk
from paved_road_delivery.ladder.steps import Step

__all__ = [
    "Ask",
    "Ended",
    "Hold",
    "Holder",
    "Promote",
    "Release",
    "Retire",
    "Rollback",
    "Seen",
    "Shift",
    "Step",
    "Traffic",
    "Verdict",
    "Walk",
    "decide",
]
