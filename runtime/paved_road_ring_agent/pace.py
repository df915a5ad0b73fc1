"""How often a node looks, so that a ring of a thousand does not read its own table to a stop."""

from paved_road_ring_agent.actions import Action, Refuse, RunRepair, Wait

LEAST_SECONDS = 2.0
PROMPT_SECONDS = 0.2
"""After a step forward: what it made possible must not wait for a whole pause, since a slot that is
taken over goes through a dozen of them."""
READS_PER_SECOND = 40_000
"""What a table on demand serves unless the account asked for more.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#default-limits-throughput
"""


def moves_on(action: Action, last: Action | None) -> bool:
    """Whether `action`, now that it was carried out, is a step forward after `last`.

    One that is repeated waits for somebody else, but for a repair: that one is taken in steps.
    """
    if isinstance(action, RunRepair):
        return True
    return action != last and not isinstance(action, Wait | Refuse)


def pause_seconds(slots: int, least: float = LEAST_SECONDS) -> float:
    """The pause between two rounds of a node in a ring of that many slots.

    Every node reads every claim, each for one unit of read capacity, so a ring of n nodes reads n²
    a round: two seconds up to 282 nodes, 25 at a thousand. Longer than that would outlast what
    counts as fresh (`succession.FRESH_SECONDS`). What must not wait is looked at elsewhere: the
    supervisor reads its one claim every second.
    """
    return max(least, slots * slots / READS_PER_SECOND)
