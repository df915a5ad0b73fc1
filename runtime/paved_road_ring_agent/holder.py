"""What the holder of a slot does next: the first rule that has something to say.

Rules are in order of urgency. Each looks at what was observed and returns an action or nothing.
"""

from collections.abc import Callable
from dataclasses import replace

from paved_road_ring_agent.actions import (
    Action,
    AdmitClients,
    CleanUp,
    Drain,
    EnterService,
    MoveKeyspaces,
    OpenDoor,
    RecordJoined,
    Refuse,
    RepairOwn,
    RunRepair,
    Stop,
    Wait,
)
from paved_road_ring_agent.door import BEHIND_A_FENCE, Door, preparing_slot
from paved_road_ring_agent.facts import Phase, Slot
from paved_road_ring_agent.growth import moved_away, not_whole
from paved_road_ring_agent.held import Held
from paved_road_ring_agent.starting import Starting

NO_ROLE = "all is as it should be"


class Holder(Held):
    """A holder whatever its node does: one that does not run is started first (`starting.py`)."""

    def decide(self) -> Action:
        """The next step."""
        if not self.seen.cassandra.running:
            return self._starting().decide()
        rules: tuple[Callable[[], Action | None], ...] = (
            self._fence,
            self._drain,
            self._stop_without_disk,
            self._enter_service,
            self._wait_until_normal,
            self._record,
            self._repair_for_others,
            self._lock_again,
            self._admit_clients,
            self._open_door,
            self.replace_lost,
            self._clean_up,
        )
        for rule in rules:
            if action := rule():
                return action
        return Wait(reason=NO_ROLE)

    def _starting(self) -> Starting:
        return Starting(
            seen=self.seen,
            table=self.table,
            birth=self.birth,
            slot=self.slot,
            claim=self.claim,
            by_word=self.by_word,
        )

    def _fence(self) -> Action | None:
        """A table that is older than the ring (restored, say) supersedes nobody."""
        epoch = self.seen.cassandra.epoch
        if epoch < self.claim.epoch:
            return Stop(reason=f"it runs under epoch {epoch}, the slot has {self.claim.epoch}")
        if epoch > self.claim.epoch:
            return Refuse(
                reason=f"it runs under epoch {epoch}, but the table says {self.claim.epoch}: the "
                "table is older than the ring, and its newest state must be restored"
            )
        return None

    def _drain(self) -> Action | None:
        if self.seen.group and self.ends:
            return Drain(group=self.seen.group.name, reason="the group is ending this instance")
        return None

    def _stop_without_disk(self) -> Action | None:
        """Cassandra goes on for hours with files that are deleted: it answers what it remembers."""
        has_data = self.seen.disk is not None and self.seen.disk.has_data
        if has_data or self.claim.phase is not Phase.JOINED:
            return None
        return Stop(reason="its disk is gone while it runs: it must not go on without data")

    def _wait_until_normal(self) -> Action | None:
        return None if self.seen.cassandra.normal else Wait(reason="Cassandra is not normal yet")

    def _record(self) -> Action | None:
        if self.claim.phase is Phase.JOINED:
            return None
        joined = self.claim.joined(self.seen.cassandra.host_id)
        return RecordJoined(slot=self.slot, claim=joined, reason="it is a normal member")

    def _enter_service(self) -> Action | None:
        """Once Cassandra answers, though it may stream for longer than any hook waits."""
        up = bool(self.seen.cassandra.host_id)
        if up and self.seen.group and self.state == "Pending:Wait":
            return EnterService(group=self.seen.group.name, reason="it holds its slot and is up")
        return None

    def _lock_again(self) -> Action | None:
        """Passwords can be read again once keyspaces were moved."""
        if self.seen.cassandra.door is not Door.UNLOCKED or self.birth.misplaced:
            return None
        return self._starting().start()

    def _admit_clients(self) -> Action | None:
        if self.birth.formed:
            return None
        if waits := self._before_clients():
            # Who is lost would be waited for, or fail a repair, for ever.
            return self.replace_lost() or waits
        return AdmitClients(birth=self.birth, reason="all founders are normal members")

    def _before_clients(self) -> Action | None:
        waiting = [slot for slot in self.founders() if not self.has_joined(slot)]
        if waiting:
            return Wait(reason=f"{len(waiting)} founders have not joined: {waiting[0].subject}")
        preparing = preparing_slot(self.birth, self.slot.data_center)
        if self.birth.misplaced:
            return self._move_keyspaces(preparing)
        if self.birth.origin and not self.claim.repaired:
            return RepairOwn(
                slot=self.slot,
                claim=replace(self.claim, repaired=True),
                reason="replicas were backed up at different moments",
            )
        apart = [slot for slot in self.founders() if not self.table.claims[slot].repaired]
        if self.birth.origin and apart:
            return Wait(
                reason=f"{len(apart)} founders have not repaired their ranges: {apart[0].subject}"
            )
        if self.slot != preparing:
            return Wait(reason=f"{preparing.subject} prepares the ring for clients")
        return None

    def _move_keyspaces(self, preparing: Slot) -> Action:
        """Before any repair: a node that is nobody's replica would repair nothing."""
        came_from = self.birth.came_from
        if self.slot != preparing:
            return Wait(reason=f"{preparing.subject} has keyspaces moved here from {came_from}")
        return MoveKeyspaces(
            birth=self.birth, reason=f"its keyspaces are replicated to {came_from}, which is gone"
        )

    def _open_door(self) -> Action | None:
        """Of a ring that is ready: whoever kept its clients out lets them in."""
        match self.seen.cassandra.door:
            case Door.OPEN:
                return None
            case Door.CLOSED:
                return OpenDoor(reason="the ring is ready for clients")
            case door if door in BEHIND_A_FENCE:
                return self._starting().start()
        return None

    def _repair_for_others(self) -> Action | None:
        for replaced, wish in sorted(self.table.repairs.items()):
            for number, (task, left) in self.ranges(replaced).items():
                if len(left) > 1 and left[0] == self.slot and number not in wish.done:
                    return RunRepair(
                        replaced=replaced,
                        repair=wish,
                        number=number,
                        task=task,
                        hosts=tuple(self.table.claims[slot].address for slot in left),
                        reason=f"{replaced.subject} is to be replaced",
                    )
        return None

    def _clean_up(self) -> Action | None:
        size = moved_away(self.table, self.birth, self.slot, self.claim)
        if not size or not_whole(self.table, self.seen.now):
            return None
        return CleanUp(
            slot=self.slot,
            claim=replace(self.claim, cleaned=size),
            reason=f"racks have grown to {size} nodes, which took over half of each range",
        )
