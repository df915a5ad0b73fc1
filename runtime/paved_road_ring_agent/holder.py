"""What the holder of a slot does next: the first rule that has something to say.

Rules are in order of urgency. Each looks at what was observed and returns an action or nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from paved_road_ring_agent.actions import (
    Action,
    AdmitClients,
    AskRepair,
    Drain,
    EnterService,
    Leave,
    OpenDoor,
    RecordJoined,
    Refuse,
    Replace,
    RunRepair,
    Start,
    Stop,
    Wait,
)
from paved_road_ring_agent.door import Door, door_for, preparing_slot
from paved_road_ring_agent.facts import Birth, Claim, Phase, Repair, Slot
from paved_road_ring_agent.observed import Observed, TableFacts
from paved_road_ring_agent.repair import repairs_before
from paved_road_ring_agent.succession import still_there

NO_ROLE = "all is as it should be"


@dataclass(frozen=True, kw_only=True)
class Holder:
    """An instance that holds `slot` by `claim`."""

    seen: Observed
    table: TableFacts
    birth: Birth
    slot: Slot
    claim: Claim

    def decide(self) -> Action:
        """The next step."""
        running: tuple[Callable[[], Action | None], ...] = (
            self._fence,
            self._drain,
            self._wait_until_normal,
            self._record,
            self._enter_service,
            self._admit_clients,
            self._open_door,
            self._repair_for_others,
            self._replace_others,
        )
        stopped: tuple[Callable[[], Action | None], ...] = (
            self._refuse_foreign_disk,
            self._leave_without_data,
            self._wait_for_all_claims,
            self._repair_survivors_first,
            self._start,
        )
        for rule in running if self.seen.cassandra.running else stopped:
            if action := rule():
                return action
        return Wait(reason=NO_ROLE)

    # While Cassandra runs

    def _fence(self) -> Action | None:
        epoch = self.seen.cassandra.epoch
        if epoch != self.claim.epoch:
            return Stop(reason=f"it runs under epoch {epoch}, the slot has {self.claim.epoch}")
        return None

    def _drain(self) -> Action | None:
        if self.seen.group and self._state == "Terminating:Wait":
            return Drain(group=self.seen.group.name, reason="the group is ending this instance")
        return None

    def _wait_until_normal(self) -> Action | None:
        return None if self.seen.cassandra.normal else Wait(reason="Cassandra is not normal yet")

    def _record(self) -> Action | None:
        if self.claim.phase is Phase.JOINED:
            return None
        joined = self.claim.joined(self.seen.cassandra.host_id)
        return RecordJoined(slot=self.slot, claim=joined, reason="it is a normal member")

    def _enter_service(self) -> Action | None:
        if self.seen.group and self._state == "Pending:Wait":
            return EnterService(group=self.seen.group.name, reason="it holds its slot and is up")
        return None

    def _admit_clients(self) -> Action | None:
        if self.birth.formed:
            return None
        waiting = [slot for slot in self._founders() if not self._has_joined(slot)]
        if waiting:
            return Wait(reason=f"{len(waiting)} founders have not joined: {waiting[0].subject}")
        preparing = preparing_slot(self.birth, self.slot.data_center)
        if self.slot != preparing:
            return Wait(reason=f"{preparing.subject} prepares the ring for clients")
        return AdmitClients(birth=self.birth, reason="all founders are normal members")

    def _open_door(self) -> Action | None:
        """Of a ring that is ready: whoever kept its clients out lets them in."""
        match self.seen.cassandra.door:
            case Door.OPEN:
                return None
            case Door.CLOSED:
                return OpenDoor(reason="the ring is ready for clients")
            case Door.FENCED:
                return self._start()

    def _repair_for_others(self) -> Action | None:
        for replaced, wish in sorted(self.table.repairs.items()):
            tasks = repairs_before(self.birth, self.slot.data_center, self._size, replaced)
            for number, task in enumerate(tasks, start=1):
                if task.slots[0] == self.slot and number not in wish.done:
                    return RunRepair(
                        replaced=replaced,
                        repair=wish,
                        number=number,
                        task=task,
                        hosts=tuple(self.table.claims[slot].address for slot in task.slots),
                        reason=f"{replaced.subject} is to be replaced",
                    )
        return None

    def _replace_others(self) -> Action | None:
        if not self.seen.terminated:
            return None
        for slot, claim in sorted(self.table.claims.items()):
            if claim.instance in self.seen.terminated:
                why = still_there(self.seen, self.table, claim)
                if why:
                    return Wait(reason=f"{slot.subject}: {why}")
                return Replace(
                    rack=slot.rack,
                    instance=claim.instance,
                    reason=f"{slot.subject} has lost its instance",
                )
        return None

    # While it does not

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
        free = [slot for slot in self._founders() if slot not in self.table.claims]
        return (
            Wait(reason=f"{len(free)} slots are not claimed: {free[0].subject}") if free else None
        )

    def _repair_survivors_first(self) -> Action | None:
        """What a quorum acknowledged must be readable once this node is normal."""
        if self.claim.phase is not Phase.REPLACING:
            return None
        wish = self.table.repairs.get(self.slot)
        if wish is None or wish.epoch < self.claim.epoch:
            return AskRepair(
                slot=self.slot,
                repair=Repair(epoch=self.claim.epoch),
                reason="the survivors of its ranges are repaired before it joins",
            )
        tasks = repairs_before(self.birth, self.slot.data_center, self._size, self.slot)
        missing = len(tasks) - len(wish.done)
        if missing:
            return Wait(reason=f"{missing} of {len(tasks)} repairs of survivors are not done")
        return None

    def _start(self) -> Action | None:
        seeds = self._seeds()
        if not seeds or (seeds == (self.seen.me.address,) and len(self._founders()) > 1):
            return Wait(reason="no seed is known but this node itself")
        return Start(
            slot=self.slot,
            claim=self.claim,
            birth=self.birth,
            seeds=seeds,
            bootstrap=self.claim.phase in {Phase.GROWING, Phase.REPLACING},
            replaces=(
                self.claim.predecessor_address if self.claim.phase is Phase.REPLACING else ""
            ),
            door=door_for(self.birth, self.slot),
            reason=f"{self.slot.subject} is held under epoch {self.claim.epoch}",
        )

    # What rules ask about

    @property
    def _state(self) -> str:
        return self.seen.group.instances.get(self.seen.me.instance, "") if self.seen.group else ""

    @property
    def _size(self) -> int:
        """Nodes of each rack, as the claims have it."""
        return 1 + max(slot.index for slot in self.table.claims)

    def _founders(self) -> list[Slot]:
        return self.birth.slots(self.slot.data_center)

    def _has_joined(self, slot: Slot) -> bool:
        claim = self.table.claims.get(slot)
        return claim is not None and claim.phase is Phase.JOINED

    def _seeds(self) -> tuple[str, ...]:
        """The first member of each rack, or the first founder while nobody has joined."""
        joined = [slot for slot in sorted(self.table.claims) if self._has_joined(slot)]
        candidates = joined or sorted(self.table.claims)
        first: dict[str, str] = {}
        for slot in candidates:
            first.setdefault(slot.rack, self.table.claims[slot].address)
        return tuple(first.values())
