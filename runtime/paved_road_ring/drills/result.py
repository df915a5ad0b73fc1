"""What a drill found, as it is stored, measured and told."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from paved_road_contract import drills
from paved_road_ring.drills.compare import Tally
from paved_road_ring_agent import metric_names
from paved_road_ring_backup.keys import stamp

NOT_COMPARED = (
    "what was written over, deleted or expired since the backup: its past is gone from the source",
    "rows that are nothing but their key and are in the source alone: nobody can ask when they "
    "were written",
    "a row that was deleted before the backup and came back with it: it looks like one that was "
    "deleted since",
)
"""Whatever a drill's verdict is, it says nothing about these."""


@dataclass(frozen=True, kw_only=True)
class TableFound:
    """One table of the restored ring. `fault` is why it is not as it was; empty if it is.

    `compared`: with the source, and not read alone.
    """

    table: str
    compared: bool
    tally: Tally
    fault: str = ""

    def told(self) -> dict[str, Any]:
        """For programs. Checksums as text: they are larger than JSON's readers take for exact."""
        tally = self.tally
        return {
            "table": self.table,
            "compared": self.compared,
            "fault": self.fault,
            "rows": tally.rows,
            "checksum": f"{tally.checksum:016x}",
            "source_rows": tally.source_rows if self.compared else None,
            "source_checksum": f"{tally.source_checksum:016x}" if self.compared else None,
            "compared_checksum": f"{tally.compared_checksum:016x}" if self.compared else None,
            "verdicts": {str(name): count for name, count in tally.verdicts.items()},
            "tokens": list(tally.tokens),
        }


@dataclass(frozen=True, kw_only=True)
class DrillResult:
    """Of one drill. Moments are in seconds since 1970.

    - `recovery_point_seconds`: what was acknowledged in so many seconds before it began is not in
      the backup alone (commit logs may have it).
    - `recovery_seconds`: from its beginning until the restored ring served the first read; None if
      it never did.
    - `whole_until`, `size` in bytes, `slots`: the backup's.
    - `compared_until`: what was written later was not compared.
    - `percent`: of the token ring that was read.
    - `faults`: why it failed; none if it passed.
    - `seconds`: how long each part took.
    """

    ring: str
    data_center: str
    manifest: str
    began: int
    ended: int
    whole_until: int
    recovery_point_seconds: int
    recovery_seconds: float | None
    size: int
    slots: int
    compared_until: int
    percent: float
    faults: tuple[str, ...]
    tables: tuple[TableFound, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether the ring would have come back."""
        return not self.faults

    @property
    def key(self) -> str:
        """Where it is stored in the backup bucket."""
        return f"{drills.drills_prefix(self.ring)}{self.data_center}/{stamp(self.began)}.json"

    def told(self) -> dict[str, Any]:
        """For programs."""
        return {
            **asdict(self),
            "began": stamp(self.began),
            "ended": stamp(self.ended),
            "whole_until": stamp(self.whole_until),
            "compared_until": stamp(self.compared_until),
            "passed": self.passed,
            "tables": [one.told() for one in self.tables],
            "not_compared": NOT_COMPARED,
        }

    def to_json(self) -> bytes:
        """As it is stored."""
        return json.dumps(self.told(), sort_keys=True, indent=1).encode()

    def metrics(self, estate: str) -> list[dict[str, Any]]:
        """As CloudWatch takes them, beside those of the ring's agents."""
        point, time = drills.DRILL_RECOVERY_POINT, drills.DRILL_RECOVERY_TIME
        seconds = {point: self.recovery_point_seconds, time: self.recovery_seconds}
        return [
            metric(estate, self.ring, self.data_center, name, value, unit)
            for name, value, unit in (
                (drills.DRILL_PASSED, float(self.passed), "Count"),
                *((name, value, "Seconds") for name, value in seconds.items()),
            )
            if value is not None
        ]


def metric(
    estate: str, ring: str, data_center: str, name: str, value: float, unit: str
) -> dict[str, Any]:
    """One value in the series of the ring that is drilled."""
    dimensions = {
        metric_names.ESTATE_DIMENSION: estate,
        metric_names.RING_DIMENSION: ring,
        metric_names.DATA_CENTER_DIMENSION: data_center,
    }
    return {
        "MetricName": name,
        "Dimensions": [{"Name": key, "Value": one} for key, one in dimensions.items()],
        "Value": float(value),
        "Unit": unit,
    }
