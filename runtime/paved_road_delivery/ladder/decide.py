"""One answer for every ask."""

from paved_road_delivery.ladder.asks import Ask, Hold, Promote, Retire, Rollback, Shift
from paved_road_delivery.ladder.back import rollback
from paved_road_delivery.ladder.guard import hold, retire
from paved_road_delivery.ladder.promote import promote
from paved_road_delivery.ladder.seen import Seen
from paved_road_delivery.ladder.shift import shift
from paved_road_delivery.ladder.steps import Step


def decide(seen: Seen, ask: Ask) -> Step:
    """The next step towards what was asked, from what is there; never two at once."""
    match ask:
        case Promote():
            return promote(seen, ask)
        case Shift():
            return shift(seen, ask)
        case Rollback():
            return rollback(seen, ask)
        case Hold():
            return hold(seen, ask)
        case Retire():
            return retire(seen, ask)
