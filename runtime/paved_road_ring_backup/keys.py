"""Where everything of a ring's backups stands in the bucket. One run of one node is one folder.

    rings/orders/us-east-1-g1/3f9c22aa/slots/us-east-1a/0007/0000000003/20261125T132200Z/
        <sha256>            what Cassandra wrote, each content once
        manifest.json       all its files, written when their contents are there
        part.json           what a ring manifest says of it, written last: without it no run counts
    rings/orders/us-east-1-g1/3f9c22aa/sets/20261125T133000Z.json
                            which runs make one whole ring

Keys outlive every program that made them, so nothing here changes its meaning: an old owner of a
slot writes under its own epoch and a ring that was formed anew under its own incarnation.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from paved_road_ring_agent.contract import backup_prefix
from paved_road_ring_agent.facts import Slot

MANIFEST, PART = "manifest.json", "part.json"
_TIME = "%Y%m%dT%H%M%SZ"
_RUN = re.compile(
    r"rings/(?P<ring>[\w.-]+)/(?P<data_center>[\w.-]+)/(?P<incarnation>[\w-]+)/slots/"
    r"(?P<rack>[\w.-]+)/(?P<index>\d{4,})/(?P<epoch>\d{10})/(?P<moment>\d{8}T\d{6}Z)/"
)


class KeyShapeError(ValueError):
    """A key that no backup of ours has."""


@dataclass(frozen=True, kw_only=True, order=True)
class Past:
    """One life of a data center's ring, from its birth on: whose backups a prefix holds."""

    ring: str
    data_center: str
    incarnation: str

    @property
    def prefix(self) -> str:
        """All its keys start with this."""
        return f"{backup_prefix(self.ring)}{self.data_center}/{self.incarnation}/"

    @property
    def sets(self) -> str:
        """Ring manifests stand here, the oldest first."""
        return f"{self.prefix}sets/"

    def set_key(self, moment: int) -> str:
        """Of the ring manifest of that moment."""
        return f"{self.sets}{stamp(moment)}.json"

    def slot_prefix(self, slot: Slot) -> str:
        """All runs of a slot, the oldest epoch first."""
        return f"{self.prefix}slots/{slot.rack}/{slot.index:04d}/"

    def owner_prefix(self, slot: Slot, epoch: int) -> str:
        """All runs of one owner of a slot, the oldest first."""
        return f"{self.slot_prefix(slot)}{epoch:010d}/"


@dataclass(frozen=True, kw_only=True, order=True)
class Run:
    """One backup of one node: by which owner of the slot, and when its snapshot was taken.

    `moment` is in whole seconds since 1970, by the node's clock. Of one slot's runs the greater
    one is the later one.
    """

    past: Past
    slot: Slot
    epoch: int
    moment: int

    @property
    def folder(self) -> str:
        """All its keys start with this."""
        return f"{self.past.owner_prefix(self.slot, self.epoch)}{stamp(self.moment)}/"

    @property
    def manifest(self) -> str:
        """The key of its node manifest."""
        return self.folder + MANIFEST

    @property
    def part(self) -> str:
        """The key of its part of a ring manifest."""
        return self.folder + PART

    def object(self, sha256: str) -> str:
        """The key of a content that this run stored."""
        return self.folder + sha256

    @classmethod
    def of(cls, folder: str) -> "Run":
        """The run whose folder it is. Raises `KeyShapeError`."""
        found = _RUN.fullmatch(folder)
        if found is None:
            raise KeyShapeError(f"no backup of a node has the folder {folder!r}")
        data_center = found["data_center"]
        return cls(
            past=Past(
                ring=found["ring"], data_center=data_center, incarnation=found["incarnation"]
            ),
            slot=Slot(data_center=data_center, rack=found["rack"], index=int(found["index"])),
            epoch=int(found["epoch"]),
            moment=moment_of(found["moment"]),
        )


def stamp(moment: int) -> str:
    """A moment as keys have it: UTC, sorting by time."""
    return datetime.fromtimestamp(moment, UTC).strftime(_TIME)


def moment_of(text: str) -> int:
    """The moment of a `stamp`. Raises `KeyShapeError`."""
    try:
        return int(datetime.strptime(text, _TIME).replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise KeyShapeError(f"{text!r} is no moment such as 20261125T132200Z") from error
