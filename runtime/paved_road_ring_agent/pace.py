"""How often a node looks, so that a ring of a thousand does not read its own table to a stop."""

LEAST_SECONDS = 2.0
READS_PER_SECOND = 40_000
"""What a table on demand serves unless the account asked for more.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#default-limits-throughput
"""


def pause_seconds(slots: int) -> float:
    """The pause between two rounds of a node in a ring of that many slots.

    Every node reads every claim, each for one unit of read capacity, so a ring of n nodes reads n²
    a round: two seconds up to 282 nodes, 25 at a thousand. Longer than that would outlast what
    counts as fresh (`succession.FRESH_SECONDS`). What must not wait is looked at elsewhere: the
    supervisor reads its one claim every second.
    """
    return max(LEAST_SECONDS, slots * slots / READS_PER_SECOND)
