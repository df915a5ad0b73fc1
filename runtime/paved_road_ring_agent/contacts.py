"""Where clients find a ring: some of its nodes, whom an agent names in a parameter."""

from collections.abc import Mapping

from paved_road_ring_agent.facts import Claim, Phase, Slot

MOST_OF_A_RACK = 3
"""A driver needs one that answers and learns the others from it. Three racks' nine are a tenth of
what a parameter holds, for a ring of a thousand nodes too."""


def contacts(claims: Mapping[Slot, Claim]) -> tuple[str, ...]:
    """Addresses of at most three members of each rack, in the order of their slots.

    Those of the lowest slots: another one is named only when one of these slots has a new holder,
    or none. A node that is down for a while stays, since drivers go on to the next.
    """
    racks: dict[str, list[str]] = {}
    for slot, claim in sorted(claims.items()):
        if claim.phase is Phase.JOINED:
            racks.setdefault(slot.rack, []).append(claim.address)
    return tuple(one for found in racks.values() for one in found[:MOST_OF_A_RACK])
