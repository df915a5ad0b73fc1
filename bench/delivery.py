"""How soon users are rid of a version that turned bad, beside the same service updated in place.

    python bench/delivery.py                   50 rollbacks, 4 by alarm, 5 in place: a quarter hour
    python bench/delivery.py --runs 3 --alarms 1 --commands 1 --in-place 1 --json

The sample services run in a lab of their own, as processes behind load balancers that forward, and
callers in a process of theirs place orders all the while, in a closed loop. Each time the version
that serves everybody turns bad at one moment: every answer is an error, while health stays good.

- Detection: until the alarm is on, at the lab's quickest (a minute of alarms lasts a second).
- Action: from the decision to the last bad answer that a caller got. By hand somebody decides
  after ten bad answers, so that no alarm is measured with it.
- In place (`in_place.py`): the same service, callers, load balancer and fault in the same run, but
  going back is one more rolling replacement.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.in_place import InPlace
from bench.rollbacks import Rollbacks
from bench.turned_bad import Fault, Suffered, percentile
from tests.lab.callers import Callers, more
from tests.lab.living_services import ORDERS_IN_MEMORY, LivingServices, services_lab, stand_in
from tests.lab.services_app import PLACE, digest

GOOD, TURNS_BAD = 1, 2
"""Releases of place-order, and versions of its peer."""

CALLERS = 16


@contextmanager
def served(per_second: float) -> Iterator[tuple[LivingServices, Fault]]:
    """A lab with both releases, the first in service and called."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bad"
        fault = {"FAULT_ERRORS": "1", "FAULT_WHILE": str(file)}
        images = {
            **ORDERS_IN_MEMORY,
            PLACE: stand_in("place_order", "place-order"),
            f"{PLACE}@{digest(TURNS_BAD)}": stand_in("place_order", "place-order", **fault),
        }
        with services_lab(Path(folder) / "lab") as living:
            living.start(images)
            living.release(TURNS_BAD)
            living.ready(TURNS_BAD)
            with Callers(living.url(), count=CALLERS, per_second=per_second) as callers:
                yield living, Fault(file, callers)


def in_place(living: LivingServices, fault: Fault, times: int, say: Console) -> list[Suffered]:
    """The peer turns bad and is updated to the version before, again and again."""
    found = []
    peer = InPlace.create(living.service(), like=GOOD, version=GOOD)
    peer.take_traffic()
    for number in range(1, times + 1):
        peer.update(TURNS_BAD)
        more(fault.callers, 200)
        bad, count = fault.begin()
        decided = fault.noticed(count)
        peer.update(GOOD)
        found.append(fault.over(count, bad, decided))
        say.print(f"  in place {number}: {_told(found[-1])}", soft_wrap=True)
    return found


def repeat(name: str, times: int, once: Callable[[], Suffered], say: Console) -> list[Suffered]:
    """So many times, each told."""
    found = []
    for number in range(1, times + 1):
        found.append(once())
        say.print(f"  {name} {number}: {_told(found[-1])}", soft_wrap=True)
    return found


def main(
    runs: Annotated[int, typer.Option(help="Rollbacks in this process.", min=1)] = 50,
    commands: Annotated[int, typer.Option(help="Rollbacks by the command.")] = 3,
    alarms: Annotated[int, typer.Option(help="Rollbacks by an alarm.")] = 4,
    times: Annotated[int, typer.Option("--in-place", help="Rolling replacements.", min=1)] = 5,
    per_second: Annotated[float, typer.Option(help="Requests of all callers together.")] = 200,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Measure all kinds in one lab, one after the other."""
    say = Console(stderr=True)
    with served(per_second) as (living, fault):
        ours = Rollbacks(living, fault)
        found = {
            "rollback": repeat("rollback", runs, ours.in_process, say),
            "command": repeat("by command", commands, ours.by_command, say),
            "alarm": repeat("by alarm", alarms, ours.by_alarm, say),
            "in place": in_place(living, fault, times, say),
        }
        requests = len(fault.callers.answers)
    told = {name: summary(each) for name, each in found.items() if each}
    if as_json:
        every = {name: [asdict(one) for one in each] for name, each in found.items()}
        print(json.dumps({"requests": requests, "runs": every, "summaries": told}, indent=1))
        return
    _print(told, requests)


def summary(found: Sequence[Suffered]) -> dict[str, float]:
    """Medians, and the worst of what follows the decision."""
    actions = [one.action for one in found]
    return {
        "runs": len(found),
        "detection": statistics.median(one.detection for one in found),
        "action_p50": percentile(actions, 50),
        "action_p99": percentile(actions, 99),
        "failed": statistics.median(one.failed for one in found),
        "failed_late": statistics.median(one.late for one in found),
        "failed_late_most": max(one.late for one in found),
    }


ROWS = {
    "runs": "runs",
    "detection": "turned bad to decision, s, median",
    "action_p50": "decision to last bad answer, s, p50",
    "action_p99": "the same, p99",
    "failed": "requests failed, median",
    "failed_late": "of these after the decision, median",
    "failed_late_most": "the same, most",
}


def _print(told: dict[str, dict[str, float]], requests: int) -> None:
    table = Table(title=f"{requests} requests; ratio: in place / rollback", title_justify="left")
    for column in ("what", *told, "ratio"):
        table.add_column(column, justify="left" if column == "what" else "right")
    for name, meaning in ROWS.items():
        values: list[Any] = [f"{each[name]:.4g}" for each in told.values()]
        ratio = told["in place"][name] / told["rollback"][name]
        compared = name.startswith(("action", "failed_late"))
        table.add_row(meaning, *values, f"{ratio:.0f}" if compared else "")
    Console(width=130).print(table)


def _told(one: Suffered) -> str:
    return (
        f"{one.detection:.2f} s to the decision, {one.action:.2f} s to the last bad answer, "
        f"{one.failed} requests failed, {one.late} of them after the decision"
    )


if __name__ == "__main__":
    typer.run(main)
