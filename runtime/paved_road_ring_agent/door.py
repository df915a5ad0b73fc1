"""Whom a node lets in while its ring is new.

Cassandra makes a superuser with a known password wherever there are no roles. So a new ring starts
with all native ports closed but one, which takes certificates of the ring only; there an agent sets
up the roles. Only then do nodes let clients in.

A ring that comes back in another data center knows no role at all and cannot be told one: what has
its roles is replicated elsewhere. There the fence alone says who may come in, until that is mended.
"""

from enum import StrEnum

from paved_road_ring_agent.facts import Birth, Slot


class Door(StrEnum):
    """Whom a node's native port lets in."""

    CLOSED = "closed"
    """Nobody: it doesn't listen."""
    FENCED = "fenced"
    """Whoever has a certificate of the ring: agents. Cassandra's default superuser may exist."""
    UNLOCKED = "unlocked"
    """Whoever has a certificate of the ring, without a password, which nobody could check."""
    OPEN = "open"
    """Whoever has a role and its password."""


BEHIND_A_FENCE = frozenset({Door.FENCED, Door.UNLOCKED})
"""Doors that ask for a certificate; they are left by starting anew."""


def preparing_slot(birth: Birth, data_center: str) -> Slot:
    """The one on whose node a new ring's roles are set up, whoever holds it."""
    return birth.slots(data_center)[0]


def door_for(birth: Birth, slot: Slot) -> Door:
    """How a node starts."""
    if birth.formed:
        return Door.OPEN
    if slot != preparing_slot(birth, slot.data_center):
        return Door.CLOSED
    return Door.UNLOCKED if birth.misplaced else Door.FENCED
