"""What an agent sees before it decides: plain values, gathered at the edge."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from paved_road_ring_agent.door import Door
from paved_road_ring_agent.facts import Birth, Claim, Repair, Slot


@dataclass(frozen=True, kw_only=True)
class Me:
    """The instance that the agent runs on, and the label of the bundle that it runs from.

    `waits_for_restore`: it gives birth to no ring (`NodeFile`).
    """

    instance: str
    address: str
    data_center: str
    rack: str
    software: str = ""
    waits_for_restore: bool = False


@dataclass(frozen=True, kw_only=True)
class Disk:
    """Whose data is on the disk: what was written there before Cassandra's last start.

    `software` is the label of the bundle that it was started from; empty if nobody wrote that down.
    `origin` is the backup that it was or is being filled from, `filled` whether all of it has come.
    """

    slot: Slot
    epoch: int
    incarnation: str
    has_data: bool
    software: str = ""
    origin: str = ""
    filled: bool = False

    def is_of(self, slot: Slot, epoch: int, incarnation: str) -> bool:
        """Whether it was given to that owner."""
        return (self.slot, self.epoch, self.incarnation) == (slot, epoch, incarnation)


class Status(StrEnum):
    """A member's state in gossip, as far as it matters here."""

    NORMAL = "normal"
    JOINING = "joining"


@dataclass(frozen=True, kw_only=True)
class Member:
    """A node as the own node's failure detector knows it."""

    address: str
    host_id: str
    status: Status
    alive: bool


@dataclass(frozen=True, kw_only=True)
class Cassandra:
    """The own node. `members` by host id, itself included, once it answers; else none.

    `normal`: a full member of the ring, by its own word.
    """

    running: bool
    epoch: int = 0
    members: Mapping[str, Member] = field(default_factory=dict)
    host_id: str = ""
    normal: bool = False
    door: Door = Door.OPEN


@dataclass(frozen=True, kw_only=True)
class Group:
    """The rack's auto scaling group: its size, and its instances' lifecycle states."""

    name: str
    nodes: int
    instances: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """What the slot table says. `repairs` are wishes of replacements, by their slot.

    `earlier` are claims of slots that nobody took since the ring began anew from a backup.
    """

    birth: Birth | None
    claims: Mapping[Slot, Claim]
    repairs: Mapping[Slot, Repair] = field(default_factory=dict)
    earlier: Mapping[Slot, Claim] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Word:
    """What a peer's agent last read of a slot: who holds it, under which epoch."""

    instance: str
    host_id: str
    epoch: int
    renewed: float


@dataclass(frozen=True, kw_only=True)
class Observed:
    """All of it. None means: nobody knows (the call failed), which is never the same as empty.

    `terminated` are instances that EC2 says are terminated. `answering` are addresses of this
    ring's other instances on which a Cassandra answers, asked only when no birth is on record;
    `backups` whether a backup of this ring exists, likewise. `known` is what this agent last read
    in the table, and `words` what its peers' agents say by their address: both are for when the
    table cannot be reached. `unfit` says why no node may start on this machine, asked only while
    none runs, and so is `starts`: when Cassandra was started here since the machine booted.
    """

    now: float
    me: Me
    table: TableFacts | None
    disk: Disk | None
    cassandra: Cassandra
    group: Group | None = None
    terminated: frozenset[str] | None = None
    answering: frozenset[str] | None = None
    backups: bool | None = None
    known: TableFacts | None = None
    words: Mapping[str, Mapping[Slot, Word]] = field(default_factory=dict)
    unfit: str = ""
    starts: tuple[float, ...] = ()
