"""The state of an alarm: a pure function of its last values, the newest last.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
CloudWatch looks a little further back where values are missing; here the periods are exactly those
that the alarm names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from paved_road_lab.alarms.expression import evaluate
from paved_road_lab.alarms.model import COMPARE, Alarm, State


@dataclass(frozen=True, kw_only=True)
class Looked:
    """The state and why, in a sentence for `StateReason`."""

    state: State
    why: str


def look(alarm: Alarm, measured: Mapping[str, Sequence[float | None]]) -> Looked:
    """`measured` has as many values for each measure as the alarm has periods."""
    values = [
        evaluate(alarm.expression, {id: series[place] for id, series in measured.items()})
        for place in range(alarm.periods)
    ]
    over = COMPARE[alarm.comparison]
    breaching = [_breaches(alarm, one, over) for one in values]
    known = [one for one in breaching if one is not None]
    if not known and alarm.missing == "ignore":
        return Looked(state=alarm.state, why="no value, and none is wanted")
    if not known:
        return Looked(state=State.UNKNOWN, why=f"no value in {alarm.periods} periods")
    bad = sum(known)
    told = ", ".join("none" if one is None else f"{one:.4g}" for one in values)
    return Looked(
        state=State.ALARM if bad >= alarm.breaches else State.OK,
        why=f"{bad} of {alarm.periods} values [{told}] were {alarm.comparison} "
        f"{alarm.threshold:g} ({alarm.breaches} make an alarm)",
    )


def _breaches(
    alarm: Alarm, value: float | None, over: Callable[[float, float], bool]
) -> bool | None:
    if value is not None:
        return over(value, alarm.threshold)
    return {"breaching": True, "notBreaching": False}.get(alarm.missing)
