"""Which of several slots an instance tries for, so that a thousand do not all try for the first."""

from collections.abc import Iterable
from hashlib import sha256

from paved_road_ring_agent.facts import Slot


def choose(instance: str, slots: Iterable[Slot]) -> Slot:
    """The slot that this instance and no rule of order prefers; the same one as long as it is free.

    Each instance has an order of its own (rendezvous hashing), so N of them on N slots choose at
    random: each time they look, about 1/e of those that are left find their slot taken. A thousand
    are done after some eight looks of the unluckiest; first come on the first slot would take each
    of them as many looks as there are slots before its own.
    https://en.wikipedia.org/wiki/Rendezvous_hashing
    """
    return max(slots, key=lambda slot: sha256(f"{instance} {slot.subject}".encode()).digest())
