"""How often the judge is wrong: simulated releases, good and bad, judged as a walk would.

    python bench/judge.py                 400 walks of each kind
    python bench/judge.py --runs 100 --json
    python bench/judge.py --every-minute  asks from the tenth minute on, every minute

A walk asks at 10, 15 and 20 minutes, if not said otherwise, and ends at the first word that is not
"inconclusive". Latency and errors are drawn request by request from log-normal and binomial
distributions, with a noise that both sides share minute by minute (what the day and the ring do)
and one that each has alone.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from paved_road_delivery.ladder.seen import Judged
from paved_road_judge import Side, judge

LOOKS = (10, 15, 20)
"""Minutes."""

INSTANCES, ZONES = 6, 3
SEED = 20261125


@dataclass(frozen=True, kw_only=True)
class Case:
    """A kind of release. Rates and errors are of each side; `bad` says what the truth is.

    `slower` multiplies the canary's latency. `zone_errors` and `zone_slower` are of one zone only,
    on the canary's side or (`both`) on both. `cold` multiplies latency at first and halves every
    three minutes, of the canary or both. `slope` is how much latency and traffic grow over 20
    minutes. `shared` and `own` are noises of each minute, as the standard deviation of a logarithm.
    """

    name: str
    bad: bool
    rate: int = 600
    errors: float = 0.001
    canary_errors: float | None = None
    slower: float = 1.0
    zone_errors: float = 0.0
    zone_slower: float = 1.0
    both: bool = False
    cold: float = 1.0
    slope: float = 0.0
    shared: float = 0.05
    own: float = 0.03


CASES = (
    Case(name="the same release", bad=False),
    Case(name="slow canary, +30%", bad=True, slower=1.3),
    Case(name="slow canary, +15%", bad=True, slower=1.15),
    Case(name="errors at 1%", bad=True, canary_errors=0.01),
    Case(name="errors at 0.5%", bad=True, canary_errors=0.005),
    Case(name="errors in one zone, 3%", bad=True, zone_errors=0.03),
    Case(name="one zone slow, x2", bad=True, zone_slower=2.0),
    Case(name="one zone bad for both", bad=False, zone_errors=0.03, zone_slower=2.0, both=True),
    Case(name="cold cache, both of an age", bad=False, cold=3.0, both=True),
    Case(name="cold cache beside a warm one", bad=False, cold=3.0),
    Case(name="too little traffic, good", bad=False, rate=12),
    Case(name="too little traffic, 1% errors", bad=True, rate=12, canary_errors=0.01),
    Case(name="little traffic, good", bad=False, rate=60),
    Case(name="little traffic, 1% errors", bad=True, rate=60, canary_errors=0.01),
    Case(name="diurnal slope, doubling", bad=False, slope=1.0),
    Case(name="diurnal slope, +30% slow", bad=True, slope=1.0, slower=1.3),
    Case(name="noisy baseline", bad=False, shared=0.3, own=0.25),
    Case(name="noisy baseline, +30% slow", bad=True, shared=0.3, own=0.25, slower=1.3),
)


def sides(case: Case, rng: np.random.Generator, minutes: int) -> tuple[Side, Side]:
    """One walk's samples, canary and baseline."""
    shared = rng.normal(0, case.shared, minutes)
    healthy = replace(case, slower=1.0, canary_errors=None)
    if not case.both:
        healthy = replace(healthy, zone_errors=0.0, zone_slower=1.0, cold=1.0)
    return _side("canary", case, rng, shared), _side("baseline", healthy, rng, shared)


def _side(name: str, case: Case, rng: np.random.Generator, shared: Any) -> Side:  # noqa: ANN401 - an array
    requests: list[int] = []
    values: dict[str, list[float | None]] = {"error percent": [], "p99 ms": [], "p50 ms": []}
    for minute, common in enumerate(shared):
        growth = 1 + case.slope * minute / max(LOOKS)
        served = int(rng.poisson(case.rate * growth))
        requests.append(served)
        if served == 0:
            for series in values.values():
                series.append(None)
            continue
        noise = float(np.exp(common + rng.normal(0, case.own)))
        cold = 1 + (case.cold - 1) * 0.5 ** (minute / 3)
        in_zone = rng.random(served) < 1 / ZONES
        latency = 20 * case.slower * growth * noise * cold * rng.lognormal(0, 0.6, served)
        latency = np.where(in_zone, latency * case.zone_slower, latency)
        chance = case.errors if case.canary_errors is None else case.canary_errors
        failed = rng.random(served) < np.where(in_zone, chance + case.zone_errors, chance)
        values["error percent"].append(100 * float(failed.mean()))
        values["p99 ms"].append(float(np.percentile(latency, 99)))
        values["p50 ms"].append(float(np.percentile(latency, 50)))
    return Side(
        name=name, instances=INSTANCES, age_minutes=30, requests=requests, values=dict(values)
    )


def first_word(canary: Side, baseline: Side, looks: Sequence[int] = LOOKS) -> tuple[Judged, int]:
    """What a walk hears first, and after how many minutes."""
    for look in looks:
        found = judge(_until(canary, look), _until(baseline, look))
        if found.judged is not Judged.INCONCLUSIVE:
            return found.judged, look
    return Judged.INCONCLUSIVE, looks[-1]


def _until(side: Side, minutes: int) -> Side:
    values = {name: series[:minutes] for name, series in side.values.items()}
    return replace(side, requests=side.requests[:minutes], values=values)


def measure(case: Case, runs: int, looks: Sequence[int] = LOOKS) -> dict[str, Any]:
    """Percent of walks by word. Wrong is a fail of a good release and a pass of a bad one."""
    rng = np.random.default_rng([SEED, *case.name.encode()])
    words: Counter[Judged] = Counter()
    heard = []
    for _ in range(runs):
        word, minutes = first_word(*sides(case, rng, max(LOOKS)), looks)
        words[word] += 1
        if word is not Judged.INCONCLUSIVE:
            heard.append(minutes)
    percent = {word.value: 100 * words[word] / runs for word in Judged}
    wrong = percent["pass" if case.bad else "fail"]
    known = sum(heard) / len(heard) if heard else None
    return {"case": case.name, "bad": case.bad, **percent, "wrong": wrong, "minutes": known}


def main(
    runs: Annotated[int, typer.Option(help="Walks of each kind.")] = 400,
    every_minute: Annotated[bool, typer.Option("--every-minute")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Measure and print."""
    looks = range(LOOKS[0], LOOKS[-1] + 1) if every_minute else LOOKS
    rows = [measure(case, runs, looks) for case in CASES]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    table = Table(title=f"{runs} walks of each kind, percent")
    for column in ("release", "truth", "pass", "inconclusive", "fail", "wrong", "minutes"):
        table.add_column(column, justify="left" if column in {"release", "truth"} else "right")
    for row in rows:
        table.add_row(
            row["case"],
            "bad" if row["bad"] else "good",
            *(f"{row[word]:.1f}" for word in ("pass", "inconclusive", "fail", "wrong")),
            "-" if row["minutes"] is None else f"{row['minutes']:.0f}",
        )
    Console(width=110).print(table)


if __name__ == "__main__":
    typer.run(main)
