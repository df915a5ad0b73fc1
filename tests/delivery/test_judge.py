"""The judge: metric by metric, together, and on the catalogue of simulated releases."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.judge import CASES, measure
from paved_road_delivery.ladder.seen import Judged
from paved_road_judge import Metric, Rule, Side, Worse, compare, judge

ERRORS = Metric(name="error percent", floor=0.25, decisive=True)
ALIKE = [100.0, 103.0, 99.0, 104.0, 98.0, 101.5, 97.0, 102.0, 100.5, 99.5]
SLOW = Metric(name="p99 ms", percent=20, floor=5)


def side(name: str = "v043", **given: object) -> Side:
    standard = {"name": name, "instances": 6, "age_minutes": 30.0, "requests": [600] * 10}
    return Side(**{**standard, **given})  # type: ignore[arg-type]


def latency(factor: float = 1) -> dict[str, list[float | None]]:
    return {"p99 ms": [one * factor for one in ALIKE]}


@pytest.mark.parametrize(
    ("factor", "word"),
    [(1.0, Judged.PASS), (1.1, Judged.PASS), (1.24, Judged.INCONCLUSIVE), (1.4, Judged.FAIL)],
)
def test_a_metric_fails_beyond_its_tolerance_and_passes_within(factor: float, word: Judged) -> None:
    reverse = [ALIKE[-n - 1] * factor for n in range(10)]
    found = compare(SLOW, reverse, ALIKE, minutes=10, alpha_worse=0.002, alpha_within=0.02)
    assert found.judged is word
    assert found.minutes == 10


def test_lower_can_be_worse() -> None:
    hits = Metric(name="cache hits", worse=Worse.LOWER, percent=10)
    fewer = [one / 2 for one in ALIKE]
    found = compare(hits, fewer, ALIKE, minutes=10, alpha_worse=0.002, alpha_within=0.02)
    assert found.judged is Judged.FAIL
    found = compare(hits, ALIKE, fewer, minutes=10, alpha_worse=0.002, alpha_within=0.02)
    assert found.judged is Judged.PASS


def test_no_errors_on_either_side_are_a_pass() -> None:
    none = [0.0] * 10
    found = compare(ERRORS, none, none, minutes=10, alpha_worse=0.002, alpha_within=0.02)
    assert found.judged is Judged.PASS


def test_minutes_that_one_side_lacks_are_not_counted() -> None:
    gaps = [None, *ALIKE[1:]]
    found = compare(SLOW, gaps, ALIKE, minutes=10, alpha_worse=0.002, alpha_within=0.02)
    assert (found.judged, found.minutes) == (Judged.INCONCLUSIVE, 9)
    assert "9 minutes are too few" in str(found)


@given(st.lists(st.floats(1, 1000), min_size=10, max_size=30), st.floats(0.01, 0.9))
@settings(max_examples=40)
def test_who_is_better_in_every_minute_never_fails(values: list[float], factor: float) -> None:
    better = [one * factor for one in values]
    found = compare(SLOW, better, values, minutes=10, alpha_worse=0.002, alpha_within=0.02)
    assert found.judged is Judged.PASS


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 1000)), min_size=10, max_size=20))
@settings(max_examples=40)
def test_a_metric_never_both_passes_and_fails(pairs: list[tuple[float, float]]) -> None:
    metric = Metric(name="x", percent=0)
    canary, baseline = [one for one, _ in pairs], [one for _, one in pairs]
    one = compare(metric, canary, baseline, minutes=10, alpha_worse=0.02, alpha_within=0.02)
    other = compare(metric, baseline, canary, minutes=10, alpha_worse=0.02, alpha_within=0.02)
    assert not one.judged is other.judged is Judged.FAIL
    assert one.p_worse == pytest.approx(other.p_within)


def test_all_metrics_make_one_word_with_their_numbers() -> None:
    found = judge(side(values=latency(1.5)), side("v042b", values=latency()), metrics=[SLOW])
    assert found.judged is Judged.FAIL
    assert "p99 ms: fail, 150.4 beside 100.2 over 10 minutes" in found.why


def test_a_decisive_metric_fails_alone_and_others_by_weight() -> None:
    values = {**latency(1.5), "error percent": [0.0] * 10}
    same = {**latency(), "error percent": [0.0] * 10}
    heavy = replace(ERRORS, weight=9, decisive=False)
    for metric, word in ((SLOW, Judged.INCONCLUSIVE), (replace(SLOW, decisive=True), Judged.FAIL)):
        found = judge(side(values=values), side("v042b", values=same), metrics=[metric, heavy])
        assert (found.judged, found.score) == (word, 90)


@pytest.mark.parametrize(
    ("canary", "why"),
    [
        (side(instances=4), "v043 has 4 instances and v042b has 6"),
        (side(age_minutes=3000.0), "v043 is 3000 minutes old and v042b 30"),
        (side(requests=[5] * 10), "v043 served 50 requests, and 500 are the fewest"),
        (side(requests=[600] * 9), "not measured over the same minutes"),
    ],
)
def test_what_is_not_alike_is_not_compared(canary: Side, why: str) -> None:
    canary = replace(canary, values=latency(9))
    found = judge(canary, side("v042b", values=latency()), metrics=[SLOW])
    assert found.judged is Judged.INCONCLUSIVE
    assert why in found.why


def test_a_metric_that_nobody_measured_is_no_pass() -> None:
    found = judge(side(values=latency()), side("v042b", values=latency()), metrics=[SLOW, ERRORS])
    assert found.judged is Judged.INCONCLUSIVE
    assert judge(side(), side("v042b"), metrics=[]).judged is Judged.INCONCLUSIVE


EXPECTED = {
    "the same release": ("pass", 100),
    "slow canary, +30%": ("fail", 100),
    "errors at 1%": ("fail", 95),
    "errors in one zone, 3%": ("fail", 95),
    "one zone slow, x2": ("fail", 95),
    "cold cache, both of an age": ("pass", 95),
    "too little traffic, good": ("inconclusive", 100),
    "too little traffic, 1% errors": ("inconclusive", 100),
    "diurnal slope, doubling": ("pass", 95),
    "diurnal slope, +30% slow": ("fail", 95),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_catalogue(case: object) -> None:
    """Twenty walks of each, always the same ones; docs/judge.md has the rates of many more."""
    assert isinstance(case, type(CASES[0]))
    found = measure(case, 20)
    if case.name in EXPECTED:
        word, percent = EXPECTED[case.name]
        assert found[word] >= percent
    elif not case.bad and case.name != "cold cache beside a warm one":
        assert found["fail"] == 0
    elif case.bad:
        assert found["pass"] <= 10


def test_a_rule_may_ask_for_more_minutes() -> None:
    short = Rule(minutes=20)
    found = judge(side(values=latency(2)), side("b", values=latency()), metrics=[SLOW], rule=short)
    assert found.judged is Judged.INCONCLUSIVE


def test_nothing_that_deploys_loads_statistics() -> None:
    code = (
        "import sys, paved_road_cli.main, paved_road_delivery.ladder, paved_road_delivery.release\n"
        "sys.exit('scipy' in sys.modules or 'numpy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
