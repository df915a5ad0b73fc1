"""Where a ring's commit logs stand in the bucket: an object a piece, what counts is in its key.

    rings/orders/us-east-1-g1/3f9c22aa/logs/us-east-1a/0007/0000000003/
        20261125T132210Z-0000000042-0000-0000-5f3a91c2-segment-1764076930123-4096-81920-<sha256>
        20261125T132220Z-0000000043-0000-0000-5f3a91c2-lost-20261125T120000Z-20261125T121500Z

One owner's pieces are numbered without holes. All of one shipment have its moment; how many pieces
of it come before and after one is said next. With none after it the shipment is complete: all that
was acknowledged before its moment is in it or in those before it. What follows tells one version
of the schema from another.

- `since`: the first piece; its logs begin at that moment.
- `segment`: bytes of a segment of Cassandra's commit log, from and to, and their checksum.
- `seen`: nothing new was written.
- `lost`: what was written from and to these moments had to be dropped.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from paved_road_ring_agent.facts import Slot
from paved_road_ring_backup.keys import KeyShapeError, Past, moment_of, stamp

_KEY = re.compile(
    r"(?P<moment>\d{8}T\d{6}Z)-(?P<number>\d{10})-(?P<place>\d{4,})-(?P<following>\d{4,})-"
    r"(?P<schema>[0-9a-f]{8})-(?P<kind>since|segment|seen|lost)(?P<rest>(-[0-9A-Za-z]+)*)"
)


class Kind(StrEnum):
    """What a piece says; see above."""

    SINCE = "since"
    SEGMENT = "segment"
    SEEN = "seen"
    LOST = "lost"


@dataclass(frozen=True, kw_only=True, order=True)
class Owner:
    """Whose logs: one owner of one slot."""

    past: Past
    slot: Slot
    epoch: int

    @property
    def prefix(self) -> str:
        """All its pieces' keys start with this."""
        return f"{logs_prefix(self.past, self.slot)}{self.epoch:010d}/"


@dataclass(frozen=True, kw_only=True, order=True)
class Piece:
    """One object. `start` and `end` are bytes of `segment`, or moments of what was lost."""

    owner: Owner
    moment: int
    number: int
    place: int
    following: int
    schema: str
    kind: Kind
    segment: int = 0
    start: int = 0
    end: int = 0
    sha256: str = ""

    @property
    def key(self) -> str:
        """Where it stands."""
        place = f"{self.number:010d}-{self.place:04d}-{self.following:04d}"
        rest = "".join(f"-{one}" for one in self._rest())
        return f"{self.owner.prefix}{stamp(self.moment)}-{place}-{self.schema}-{self.kind}{rest}"

    def _rest(self) -> tuple[object, ...]:
        match self.kind:
            case Kind.SINCE:
                return (stamp(self.start),)
            case Kind.SEGMENT:
                return (self.segment, self.start, self.end, self.sha256)
            case Kind.LOST:
                return (stamp(self.start), stamp(self.end))
            case Kind.SEEN:
                return ()

    @property
    def size(self) -> int:
        """Of its content, in bytes."""
        return self.end - self.start if self.kind is Kind.SEGMENT else 0

    @classmethod
    def of(cls, owner: Owner, key: str) -> "Piece":
        """The piece of that key. Raises `KeyShapeError`."""
        found = _KEY.fullmatch(key.removeprefix(owner.prefix))
        if found is None:
            raise KeyShapeError(f"no piece of a commit log has the key {key!r}")
        kind, rest = Kind(found["kind"]), found["rest"].split("-")[1:]
        given: dict[str, object] = {}
        try:
            match kind:
                case Kind.SINCE:
                    given["start"] = moment_of(*rest)
                case Kind.SEGMENT:
                    segment, start, end, checksum = rest
                    numbers = {"segment": int(segment), "start": int(start), "end": int(end)}
                    given = {**numbers, "sha256": checksum}
                case Kind.LOST:
                    start, end = rest
                    given = {"start": moment_of(start), "end": moment_of(end)}
                case Kind.SEEN:
                    () = rest
        except (TypeError, ValueError) as error:
            raise KeyShapeError(f"no piece of a commit log has the key {key!r}") from error
        return cls(
            owner=owner,
            moment=moment_of(found["moment"]),
            number=int(found["number"]),
            place=int(found["place"]),
            following=int(found["following"]),
            schema=found["schema"],
            kind=kind,
            **given,  # type: ignore[arg-type]
        )


def logs_prefix(past: Past, slot: Slot) -> str:
    """All logs of a slot, the oldest owner's first."""
    return f"{past.prefix}logs/{slot.rack}/{slot.index:04d}/"


def short_schema(version: str) -> str:
    """Of a schema's version: enough to see that it changed."""
    return sha256(version.encode()).hexdigest()[:8]
