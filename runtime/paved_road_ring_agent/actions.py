"""What an agent can do next. Each carries the reason that is logged with it."""

from dataclasses import dataclass, field

from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Birth, Claim, Repair, Slot
from paved_road_ring_agent.repair import Task


@dataclass(frozen=True, kw_only=True)
class Action:
    """One step. `reason` is for the log and for a person."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class Wait(Action):
    """Nothing to do yet."""


@dataclass(frozen=True, kw_only=True)
class Refuse(Action):
    """Nothing will be done until a person looks: in doubt nothing destructive happens."""


@dataclass(frozen=True, kw_only=True)
class GiveBirth(Action):
    """Write down how the ring comes to be. The edge draws the incarnation."""

    base: int


@dataclass(frozen=True, kw_only=True)
class TakeSlot(Action):
    """Claim a slot, on the condition that its epoch is still the one seen."""

    slot: Slot
    claim: Claim


@dataclass(frozen=True, kw_only=True)
class AskRepair(Action):
    """Have the survivors of the own ranges repaired."""

    slot: Slot
    repair: Repair


@dataclass(frozen=True, kw_only=True)
class RunRepair(Action):
    """Repair a range with its other survivors, for the replacement of `replaced`."""

    replaced: Slot
    repair: Repair
    number: int
    task: Task
    hosts: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Start(Action):
    """Start Cassandra under a claim. An empty `replaces` is no replacement.

    `bootstrap`: whether it streams its ranges from others; only a forming ring and a node that
    joined before do without. `by_word`: the table cannot be reached, and its peers' agents say that
    this instance holds the slot. `door`: whom it lets in.
    """

    slot: Slot
    claim: Claim
    birth: Birth
    seeds: tuple[str, ...]
    bootstrap: bool
    replaces: str = ""
    by_word: bool = False
    door: Door = Door.OPEN


@dataclass(frozen=True, kw_only=True)
class Stop(Action):
    """Stop Cassandra: somebody else holds the slot."""


@dataclass(frozen=True, kw_only=True)
class RecordJoined(Action):
    """Write the claim anew: the node is a normal member."""

    slot: Slot
    claim: Claim


@dataclass(frozen=True, kw_only=True)
class Move(Action):
    """Write the claim anew: the instance has another address than it had."""

    slot: Slot
    claim: Claim


@dataclass(frozen=True, kw_only=True)
class Fill(Action):
    """Fill the disk from the slot's backup, beside the rounds, before anything starts on it.

    It is the same step for hours, however often the claim is renewed meanwhile.
    """

    slot: Slot
    claim: Claim = field(compare=False)
    birth: Birth


@dataclass(frozen=True, kw_only=True)
class Advance(Action):
    """Write the claim anew: its restore has come a step further."""

    slot: Slot
    claim: Claim


@dataclass(frozen=True, kw_only=True)
class RepairOwn(Action):
    """Repair what the node is the first replica of, in full, then write the claim anew.

    As long as that takes: the same step, as above.
    """

    slot: Slot
    claim: Claim = field(compare=False)


@dataclass(frozen=True, kw_only=True)
class CleanUp(Action):
    """Remove what a growth gave to other nodes, then write the claim anew."""

    slot: Slot
    claim: Claim


@dataclass(frozen=True, kw_only=True)
class LetGo(Action):
    """Let the termination of the own instance go on: nothing of it is needed any more."""

    group: str


@dataclass(frozen=True, kw_only=True)
class AdmitClients(Action):
    """All nodes of a forming ring are normal: prepare it for clients and record that."""

    birth: Birth


@dataclass(frozen=True, kw_only=True)
class MoveKeyspaces(Action):
    """Have keyspaces that came with another data center's backup replicated to this one."""

    birth: Birth


@dataclass(frozen=True, kw_only=True)
class OpenDoor(Action):
    """The ring is ready: let clients in."""


@dataclass(frozen=True, kw_only=True)
class EnterService(Action):
    """Complete the launch of the own instance."""

    group: str


@dataclass(frozen=True, kw_only=True)
class Leave(Action):
    """Have the own instance replaced: it can never be a node again. Its disk holds nothing."""

    group: str


@dataclass(frozen=True, kw_only=True)
class Replace(Action):
    """Have groups launch new instances for those that are gone for good: (rack, instance)."""

    gone: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Drain(Action):
    """Flush and stop serving, keep the slot, and let the termination go on."""

    group: str
