"""What the holder of a slot does while its Cassandra does not run.

The first rule that has something to say, in order of urgency.
"""

from collections.abc import Callable
from dataclasses import replace

from paved_road_ring_agent.actions import (
    Action,
    AskRepair,
    Leave,
    LetGo,
    Move,
    Refuse,
    Start,
    Wait,
)
from paved_road_ring_agent.door import door_for
from paved_road_ring_agent.facts import Phase, Repair
from paved_road_ring_agent.growth import not_whole
from paved_road_ring_agent.held import ENDING, Held
from paved_road_ring_agent.software import is_older, version_of
from paved_road_ring_agent.starts import pause_after, recent


class Starting(Held):
    """A holder whose node is to be started, if it may be."""

    def decide(self) -> Action:
        """The next step; the last rule always has one."""
        rules: tuple[Callable[[], Action | None], ...] = (
            self._let_go,
            self._refuse_unfit_machine,
            self._refuse_foreign_disk,
            self._refuse_older_software,
            self._leave_without_data,
            self._move,
            self._wait_for_all_claims,
            self._wait_for_a_whole_ring,
            self._repair_survivors_first,
            self._rest_between_starts,
        )
        for rule in rules:
            if action := rule():
                return action
        return self.start()

    def _let_go(self) -> Action | None:
        if self.seen.group is None or not self.state.startswith(ENDING):
            return None
        if self.ends and not self.by_word:
            return LetGo(group=self.seen.group.name, reason="it is stopped, and its group ends it")
        return Wait(reason=f"the group says that this instance is {self.state}")

    def _refuse_unfit_machine(self) -> Action | None:
        """Before the disk is judged: one that was not mounted looks like one that lost its data."""
        return Refuse(reason=self.seen.unfit) if self.seen.unfit else None

    def _move(self) -> Action | None:
        if self.claim.address == self.seen.me.address:
            return None
        moved = replace(self.claim, address=self.seen.me.address, renewed=self.seen.now)
        return Move(
            slot=self.slot, claim=moved, reason=f"its address was {self.claim.address} before"
        )

    def _wait_for_a_whole_ring(self) -> Action | None:
        """A newcomer streams from the very nodes whose ranges it takes over: they must be up."""
        if self.claim.phase is not Phase.GROWING:
            return None
        why = not_whole(self.table, self.seen.now)
        return Wait(reason=f"the ring grows when it is whole: {why}") if why else None

    def _refuse_foreign_disk(self) -> Action | None:
        disk = self.seen.disk
        if disk is None or not disk.has_data:
            return None
        held = (disk.slot, disk.epoch, disk.incarnation)
        if held == (self.slot, self.claim.epoch, self.birth.incarnation):
            return None
        return Refuse(
            reason=f"the disk holds {disk.slot.subject} of epoch {disk.epoch} and incarnation "
            f"{disk.incarnation}, but {self.slot.subject} has epoch {self.claim.epoch} and "
            f"incarnation {self.birth.incarnation}"
        )

    def _refuse_older_software(self) -> Action | None:
        """Cassandra need not read what a later version of it wrote."""
        disk, own = self.seen.disk, version_of(self.seen.me.software)
        if disk is None or not disk.has_data:
            return None
        wrote = version_of(disk.software)
        if not is_older(own, wrote):
            return None
        return Refuse(
            reason=f"Cassandra {wrote} wrote this disk, and the bundle brings {own}, which may not "
            f"be able to read it: deploy the ring with a bundle of {wrote} or later"
        )

    def _leave_without_data(self) -> Action | None:
        """A member whose disk is gone would answer reads with nothing: another takes its place."""
        has_data = self.seen.disk is not None and self.seen.disk.has_data
        if has_data or self.claim.phase is not Phase.JOINED:
            return None
        if self.seen.group is None:
            return Wait(reason="the disk is empty, and the rack's group cannot be looked at")
        return Leave(
            group=self.seen.group.name,
            reason=f"{self.slot.subject} joined under this epoch, but its disk is empty",
        )

    def _wait_for_all_claims(self) -> Action | None:
        if self.claim.phase is not Phase.FORMING:
            return None
        free = [slot for slot in self.founders() if slot not in self.table.claims]
        return (
            Wait(reason=f"{len(free)} slots are not claimed: {free[0].subject}") if free else None
        )

    def _repair_survivors_first(self) -> Action | None:
        """What a quorum acknowledged must be readable once this node is normal."""
        if self.claim.phase is not Phase.REPLACING:
            return None
        if self.seen.terminated is None:
            return Wait(reason="EC2 cannot be asked which replicas are left")
        ranges = self.ranges(self.slot)
        nobody = [number for number, (_, left) in ranges.items() if not left]
        if nobody:
            return Refuse(
                reason=f"no replica is left of {len(nobody)} of the {len(ranges)} ranges of "
                f"{self.slot.subject}: their data is lost here, restore the ring from a backup"
            )
        wish = self.table.repairs.get(self.slot)
        done = wish.done if wish and wish.epoch == self.claim.epoch else ()
        known = wish.alone if wish and wish.epoch == self.claim.epoch else ()
        alone = {n for n, (_, left) in ranges.items() if len(left) == 1 and n not in done}
        if wish is None or wish.epoch < self.claim.epoch or not alone <= {*known}:
            return AskRepair(
                slot=self.slot,
                repair=Repair(
                    epoch=self.claim.epoch, done=done, alone=tuple(sorted({*known, *alone}))
                ),
                reason=_what_survived(len(alone), len(ranges)),
            )
        missing = len(ranges.keys() - {*done} - alone)
        if missing:
            return Wait(reason=f"{missing} of {len(ranges)} repairs of survivors are not done")
        return None

    def _rest_between_starts(self) -> Action | None:
        of_late = recent(self.seen.starts, self.seen.now)
        pause = pause_after(of_late, self.seen.now)
        if not pause or self.seen.now - of_late[-1] >= pause:
            return None
        return Wait(
            reason=f"Cassandra was started {len(of_late)} times within an hour and ended each "
            f"time: {pause:.0f} s lie before the next start"
        )

    def start(self) -> Action:
        """Start it, as far as anybody is known to start with."""
        seeds = self.seeds()
        if not seeds or (seeds == (self.seen.me.address,) and len(self.founders()) > 1):
            return Wait(reason="no seed is known but this node itself")
        return Start(
            slot=self.slot,
            claim=self.claim,
            birth=self.birth,
            seeds=seeds,
            by_word=self.by_word,
            bootstrap=self.claim.phase in {Phase.GROWING, Phase.REPLACING},
            replaces=(
                self.claim.predecessor_address if self.claim.phase is Phase.REPLACING else ""
            ),
            door=door_for(self.birth, self.slot),
            reason=f"{self.slot.subject} is held under epoch {self.claim.epoch}",
        )


def _what_survived(alone: int, ranges: int) -> str:
    if not alone:
        return "the survivors of its ranges are repaired before it joins"
    return (
        f"only one replica is left of {alone} of its {ranges} ranges: what that one missed of the "
        "writes acknowledged by others is lost"
    )
