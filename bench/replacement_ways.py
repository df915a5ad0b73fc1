"""The ways in which a replacement gets its data, and what is measured of each."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a replacement gets its data. Without `fill` it streams all of it.

    With `fill` its disk has its predecessor's backup before it starts, and then its ranges are
    repaired with one survivor each, one way with `pull`. With `take_new` it was given the files
    that one survivor has written since that backup instead.
    """

    name: str
    fill: bool = False
    pull: bool = False
    repair_first: bool = True
    take_new: bool = False


@dataclass
class Result:
    """Of one replacement. Seconds are from the death as both survivors saw it."""

    way: str
    changed: int
    node_bytes: int = 0
    streamed: dict[str, int] = field(default_factory=dict)
    new_file_bytes: int = 0
    agreed_s: float = 0.0
    normal_s: float = 0.0
    whole_s: float = 0.0
    wrong_at_one_when_normal: int = 0
    wrong_at_quorum: int = 0
    looks_at_quorum: int = 0
    wrong_at_end: int = 0


WAYS = {
    one.name: one
    for one in (
        Way(name="stream"),
        Way(name="fill", fill=True),
        Way(name="pull", fill=True, pull=True),
        Way(name="take", fill=True, take_new=True),
        Way(name="hasty", fill=True, repair_first=False),
    )
}
