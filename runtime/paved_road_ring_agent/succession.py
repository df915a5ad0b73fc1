"""When a slot's holder is gone, and what its successor takes over."""

from dataclasses import replace

from paved_road_ring_agent.facts import Birth, Claim, Phase, Slot
from paved_road_ring_agent.observed import Observed, TableFacts

FRESH_SECONDS = 60
"""How long what a claim's holder said about others counts: a few renewals."""


def still_there(seen: Observed, table: TableFacts, last: Claim) -> str:
    """Why a holder may not be succeeded; empty if it is gone.

    Gone means that EC2 says so and, once it was a member, that most of the nodes that are left see
    it down: "cannot be reached" alone once replaced living nodes
    (https://github.com/Netflix/Priam/issues/348).
    """
    if seen.terminated is None:
        return "EC2 cannot be asked"
    if last.instance not in seen.terminated:
        return f"{last.instance} is not terminated"
    if last.phase is not Phase.JOINED:
        return ""
    voters = [
        one
        for one in table.claims.values()
        if one.phase is Phase.JOINED and one.instance not in seen.terminated
    ]
    votes = sum(
        last.host_id in one.down and seen.now - one.renewed < FRESH_SECONDS for one in voters
    )
    if 2 * votes <= len(voters):
        return f"{votes} of {len(voters)} nodes see {last.instance} down"
    return ""


def first(seen: Observed, table: TableFacts, birth: Birth, slot: Slot) -> Claim:
    """The claim of a slot that nobody held since the ring's birth.

    Its epoch follows those of lives before, so that whoever held it then stays fenced.
    """
    before = table.earlier.get(slot)
    if slot.index >= birth.founding:
        phase = Phase.GROWING
    else:
        phase = Phase.FILLING if birth.origin else Phase.FORMING
    return Claim(
        instance=seen.me.instance,
        address=seen.me.address,
        epoch=before.epoch + 1 if before else 1,
        phase=phase,
        renewed=seen.now,
        incarnation=birth.incarnation,
    )


def successor(seen: Observed, birth: Birth, last: Claim) -> Claim:
    """The next epoch's claim, in the place in the ring that the last holder had, if it had one.

    A holder that never joined hands on what it was about to replace, or to fill its disk with.
    """
    never_joined = last.phase in {Phase.FORMING, Phase.FILLED}
    phase = Phase.FILLING if birth.origin and never_joined else last.phase
    following = replace(
        last,
        instance=seen.me.instance,
        address=seen.me.address,
        epoch=last.epoch + 1,
        phase=phase,
        renewed=seen.now,
        host_id="",
        down=(),
        software=seen.me.software,
        incarnation=birth.incarnation,
        fault="",
    )
    if last.phase is not Phase.JOINED:
        return following
    return replace(
        following,
        phase=Phase.REPLACING,
        predecessor_address=last.address,
        predecessor_host_id=last.host_id,
    )
