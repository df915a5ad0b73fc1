"""A slot's holder and what its rules ask about it."""

from dataclasses import dataclass

from paved_road_ring_agent.actions import Action, Replace, Wait
from paved_road_ring_agent.facts import Birth, Claim, Phase, Slot
from paved_road_ring_agent.observed import Observed, TableFacts
from paved_road_ring_agent.repair import Task, positions, repairs_before, without_data
from paved_road_ring_agent.succession import still_there

ENDING = ("Terminating", "ReplacingRootVolume")
"""A root volume replacement fires the same hooks; the slot is kept in either case.
https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html
"""


@dataclass(frozen=True, kw_only=True)
class Held:
    """An instance that holds `slot` by `claim`.

    `by_word` of its peers' agents, when nobody can ask the table.
    """

    seen: Observed
    table: TableFacts
    birth: Birth
    slot: Slot
    claim: Claim
    by_word: bool = False

    @property
    def state(self) -> str:
        """The own instance's in its group; empty if nobody knows."""
        return self.seen.group.instances.get(self.seen.me.instance, "") if self.seen.group else ""

    @property
    def ends(self) -> bool:
        """Whether the group waits for this node's word to end it."""
        return self.state in {f"{state}:Wait" for state in ENDING}

    def ranges(self, replaced: Slot) -> dict[int, tuple[Task, tuple[Slot, ...]]]:
        """The ranges of a slot by number, each with the slots of its surviving replicas."""
        members = positions(self.table.claims)
        lost = without_data(self.table.claims, self.seen.terminated)
        tasks = repairs_before(self.birth, members, replaced)
        return {n: (task, task.survivors(lost)) for n, task in enumerate(tasks, start=1)}

    def founders(self) -> list[Slot]:
        """The slots that the ring is formed of."""
        return self.birth.slots(self.slot.data_center)

    def has_joined(self, slot: Slot) -> bool:
        """Whether its holder was seen as a normal member."""
        claim = self.table.claims.get(slot)
        return claim is not None and claim.phase is Phase.JOINED

    def seeds(self) -> tuple[str, ...]:
        """The first member of each rack, or the first founder while nobody has joined."""
        lost = without_data(self.table.claims, self.seen.terminated)
        joined = [slot for slot in sorted(self.table.claims) if slot not in lost]
        candidates = joined or sorted(self.table.claims)
        first: dict[str, str] = {}
        for slot in candidates:
            first.setdefault(slot.rack, self.table.claims[slot].address)
        return tuple(first.values())

    def replace_lost(self) -> Action | None:
        """Have the groups of holders that are gone launch others: nobody else does."""
        gone: dict[Slot, str] = {}
        doubted: dict[Slot, str] = {}
        for slot, claim in sorted(self.table.claims.items()):
            if claim.instance in (self.seen.terminated or ()):
                why = still_there(self.seen, self.table, claim)
                (doubted if why else gone)[slot] = why or claim.instance
        if gone:
            return Replace(
                gone=tuple((slot.rack, instance) for slot, instance in gone.items()),
                reason=f"instances are lost: {', '.join(slot.subject for slot in gone)}",
            )
        for slot, why in doubted.items():
            return Wait(reason=f"{slot.subject}: {why}")
        return None
