"""The next thing to do. Each is one call that may be repeated, or the end."""

from dataclasses import dataclass
from datetime import datetime

from paved_road_delivery.ladder.seen import Ended, Traffic, Walk


@dataclass(frozen=True)
class Claim:
    """Take hold of the service, by a conditional write; `over` is whose hold that ends."""

    by: str
    over: str | None = None


@dataclass(frozen=True)
class Begin:
    """Write the walk down before anything of it is done."""

    walk: Walk


@dataclass(frozen=True)
class Copy:
    """Begin to create `name` from the deployed template of the release `of`, with so many members.

    It stands once its stack is complete. Killed and begun again it is the same stack.
    """

    name: str
    of: str
    members: int


@dataclass(frozen=True)
class Raise:
    """Let the release's group shrink no further than that: the live minimum."""

    release: str
    minimum: int


@dataclass(frozen=True)
class Record:
    """Put the parameters, so that no stack update moves traffic elsewhere."""

    traffic: Traffic


@dataclass(frozen=True)
class Route:
    """Change the live rule: the step that moves traffic."""

    traffic: Traffic
    why: str


@dataclass(frozen=True)
class Settle:
    """Let the routing stack resolve the parameters anew."""


@dataclass(frozen=True)
class Note:
    """Note in the walk what was reached, and now as its time."""

    reached: int
    cohort: bool


@dataclass(frozen=True)
class Keep:
    """Mark a release as held; None unmarks it."""

    release: str
    until: datetime | None


@dataclass(frozen=True)
class End:
    """Close the walk."""

    how: Ended
    why: str


@dataclass(frozen=True)
class Delete:
    """Take the release out of its lane and end its stack's protection and the stack.

    With `waits` until it is gone; without, nobody looks away from traffic meanwhile.
    """

    release: str
    waits: bool = True


@dataclass(frozen=True)
class Wait:
    """Nothing may happen now; look again. `until` where a time is known."""

    why: str
    until: datetime | None = None


@dataclass(frozen=True)
class Stop:
    """Nothing more without a person; traffic stays as it is."""

    why: str


@dataclass(frozen=True)
class Refuse:
    """Nothing was done."""

    why: str


@dataclass(frozen=True)
class Done:
    """It is as it was asked for."""

    why: str


Last = Stop | Refuse | Done
Step = (
    Claim
    | Begin
    | Copy
    | Raise
    | Record
    | Route
    | Settle
    | Note
    | Keep
    | End
    | Delete
    | Wait
    | Last
)
