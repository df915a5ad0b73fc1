"""What the slot table says: the ring's birth, who holds each slot, and who may act for a rack.

Every value here is written whole and conditionally (`table.py`), and outlives every instance.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, TypeVar

from paved_road_ring_agent import contract
from paved_road_ring_agent.tokens import Shape


class Phase(StrEnum):
    """How far a slot's holder has come."""

    FORMING = "forming"
    """Holds the slot of a ring without data and waits for the others."""
    FILLING = "filling"
    """Holds the slot of a ring that comes back from its backup, and fills its disk."""
    FILLED = "filled"
    """Has its slot's files, and waits until all have theirs. No node has started before."""
    GROWING = "growing"
    """Joins a living ring at a token of its own."""
    REPLACING = "replacing"
    """Joins a living ring in place of a predecessor that is gone."""
    JOINED = "joined"
    """Was seen as a normal member: the slot's data is on its disk."""


@dataclass(frozen=True, kw_only=True, order=True)
class Slot:
    """One node's durable identity. Instances come and go."""

    data_center: str
    rack: str
    index: int

    @property
    def subject(self) -> str:
        """Its key in the table."""
        return contract.slot(self.data_center, self.rack, self.index)


@dataclass(frozen=True, kw_only=True)
class Birth:
    """How a data center's ring came to be, written once before it forms.

    `incarnation` is part of the cluster's name, so nodes of a ring that was formed anew never
    gossip with leftovers of the one before. `racks` are in the order of their tokens.

    `origin` is the key of the backup (a ring manifest) that it starts from, in `bucket` or, if that
    is empty, in the ring's own backup bucket; without an origin it is formed from nothing. `nodes`
    is how many per rack it forms with, 0 for `base`: a ring that had doubled keeps its tokens. `at`
    is the moment until which commit logs are replayed on top of it, in seconds since 1970; 0: none.

    `came_from` is the data center that the backup is of, if that is another one: its keyspaces are
    replicated to that name until they are `moved` to this one's.
    """

    incarnation: str
    racks: tuple[str, ...]
    base: int
    dc: int = 0
    formed: bool = False
    origin: str = ""
    bucket: str = ""
    nodes: int = 0
    at: int = 0
    came_from: str = ""
    moved: bool = False

    @property
    def misplaced(self) -> bool:
        """Whether its keyspaces are replicated to a data center that is not here."""
        return bool(self.came_from) and not self.moved

    @property
    def founding(self) -> int:
        """Nodes per rack that it forms with."""
        return self.nodes or self.base

    @property
    def shape(self) -> Shape:
        """Its tokens."""
        return Shape(racks=len(self.racks), base=self.base, dc=self.dc)

    def slots(self, data_center: str, nodes_per_rack: int | None = None) -> list[Slot]:
        """All slots of that size; the size that it forms with by default."""
        return [
            Slot(data_center=data_center, rack=rack, index=index)
            for rack in self.racks
            for index in range(self.founding if nodes_per_rack is None else nodes_per_rack)
        ]

    def token(self, slot: Slot) -> int:
        """The token of one of its slots."""
        return self.shape.token(self.racks.index(slot.rack), slot.index)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Who holds a slot. `epoch` rises with every holder; an older one must not run.

    `renewed` is when the holder last said so (seconds since 1970, by its clock), `down` the host
    ids that it sees as down. A replacement knows its predecessor by address and host id. `cleaned`
    is the size of the racks after which data that moved away in a growth was removed; 0: never.
    `software` is the label of the bundle that the holder runs. `incarnation` is the ring's when the
    slot was taken; items from before this was written down have none. `repaired`: what was restored
    here agrees with its other replicas. `fault` is why the holder cannot go on by itself.
    """

    instance: str
    address: str
    epoch: int
    phase: Phase
    renewed: float
    host_id: str = ""
    predecessor_address: str = ""
    predecessor_host_id: str = ""
    down: tuple[str, ...] = ()
    cleaned: int = 0
    software: str = ""
    incarnation: str = ""
    repaired: bool = False
    fault: str = ""

    def of(self, birth: Birth) -> bool:
        """Whether it was made in that life of the ring, and not in one before it.

        A ring that began anew was given only claims that say so.
        """
        if not self.incarnation:
            return not birth.origin
        return self.incarnation == birth.incarnation

    def joined(self, host_id: str) -> "Claim":
        """The holder is a normal member of the ring."""
        return replace(self, phase=Phase.JOINED, host_id=host_id, fault="")


@dataclass(frozen=True, kw_only=True)
class Repair:
    """A replacement's wish: the survivors of its ranges agree before it becomes one of them.

    `epoch` is the replacement's; `done` are the numbers of the tasks (`repair.py`) that are done,
    `alone` those of ranges of which a single replica was left: nobody could tell what that one had
    missed, and it stays on record.
    """

    epoch: int
    done: tuple[int, ...] = ()
    alone: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to act for others, for a while: an instance, until when, under which number."""

    holder: str
    until: float
    number: int


@dataclass(frozen=True, kw_only=True)
class BackupWish:
    """Somebody wants a whole backup with all in it that was acknowledged before `moment`.

    In whole seconds since 1970, by the clock of who asks.
    """

    moment: int


Fact = TypeVar("Fact", BackupWish, Birth, Claim, Repair, Lease)


def to_item(value: BackupWish | Birth | Claim | Repair | Lease) -> dict[str, Any]:
    """Attributes of the table's item. Numbers that are no integers are kept as text."""
    item: dict[str, Any] = {}
    for name, content in asdict(value).items():
        if isinstance(content, float):
            item[name] = repr(content)
        elif isinstance(content, tuple):
            item[name] = list(content)
        else:
            item[name] = str(content) if isinstance(content, StrEnum) else content
    return item


def from_item(kind: type[Fact], item: Mapping[str, Any]) -> Fact:
    """What `to_item` wrote. Attributes that this version does not know are left alone."""
    made: dict[str, Any] = {}
    for one in fields(kind):
        if one.name in item:
            made[one.name] = _PARSERS.get(one.name, lambda content: content)(item[one.name])
    return kind(**made)


def _integers(numbers: Iterable[Any]) -> tuple[int, ...]:
    return tuple(int(number) for number in numbers)


_PARSERS: Mapping[str, Any] = {
    "phase": Phase,
    "renewed": float,
    "until": float,
    "epoch": int,
    "number": int,
    "moment": int,
    "base": int,
    "dc": int,
    "nodes": int,
    "at": int,
    "racks": tuple,
    "down": tuple,
    "done": _integers,
    "alone": _integers,
    "cleaned": int,
}
