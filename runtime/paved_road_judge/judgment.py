"""All metrics together: pass, fail or inconclusive, with the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from paved_road_delivery.ladder.seen import Judged
from paved_road_judge.metrics import METRICS, Metric, Side
from paved_road_judge.signed_rank import Result, compare


@dataclass(frozen=True, kw_only=True)
class Rule:
    """When something is known.

    - `minutes`: fewest pairs of a metric. Ten, since the smallest p of n pairs is 2 to the -n.
    - `requests`: fewest of either side over all minutes.
    - `alpha_worse`: chance of a false alarm that a metric may take at one look. Small, since a
      walk looks often, and few real faults are near the border.
    - `alpha_within`: chance of a false pass of a release exactly at the border.
    - `fail_below`, `pass_from`: the score, which is the weight of passed metrics in percent of
      those that failed or passed, or of all for a pass.
    - `size_percent`, `age_minutes`: how far the two may be apart, or they are not alike.
    """

    minutes: int = 10
    requests: int = 500
    alpha_worse: float = 0.002
    alpha_within: float = 0.02
    fail_below: float = 75
    pass_from: float = 95
    size_percent: float = 10
    age_minutes: float = 10


RULE = Rule()


@dataclass(frozen=True, kw_only=True)
class Judgment:
    """The word, the reason in a sentence, the score and each metric's result."""

    judged: Judged
    why: str
    score: float
    results: tuple[Result, ...] = ()


def judge(
    canary: Side,
    baseline: Side,
    *,
    metrics: Sequence[Metric] = METRICS,
    rule: Rule = RULE,
) -> Judgment:
    """Compare the two. Who is not alike or has too little traffic is not judged at all."""
    if why := _not_comparable(canary, baseline, rule):
        return Judgment(judged=Judged.INCONCLUSIVE, why=why, score=0)
    nothing: list[float | None] = [None] * len(canary.requests)
    results = tuple(
        compare(
            metric,
            canary.values.get(metric.name, nothing),
            baseline.values.get(metric.name, nothing),
            minutes=rule.minutes,
            alpha_worse=rule.alpha_worse,
            alpha_within=rule.alpha_within,
        )
        for metric in metrics
    )
    return _together(results, rule)


def _together(results: Sequence[Result], rule: Rule) -> Judgment:
    def weight(*words: Judged) -> float:
        return sum(one.metric.weight for one in results if one.judged in words)

    passed, known, whole = weight(Judged.PASS), weight(Judged.PASS, Judged.FAIL), weight(*Judged)
    score = 100 * passed / whole if whole else 0.0
    failed = [one for one in results if one.judged is Judged.FAIL]
    decisive = any(one.metric.decisive for one in failed)
    if failed and (decisive or 100 * passed / known < rule.fail_below):
        judged, told = Judged.FAIL, failed
    elif score >= rule.pass_from:
        judged, told = Judged.PASS, list(results)
    else:
        judged, told = (
            Judged.INCONCLUSIVE,
            [one for one in results if one.judged is not Judged.PASS],
        )
    why = "; ".join(map(str, told)) or "no metric was given"
    return Judgment(judged=judged, why=why, score=score, results=tuple(results))


def _not_comparable(canary: Side, baseline: Side, rule: Rule) -> str | None:
    if len(canary.requests) != len(baseline.requests):
        return "the canary and its baseline were not measured over the same minutes"
    size = 100 * abs(canary.instances - baseline.instances)
    if size > rule.size_percent * max(canary.instances, baseline.instances):
        return (
            f"{canary.name} has {canary.instances} instances and {baseline.name} has "
            f"{baseline.instances}: a baseline is of the same size"
        )
    if abs(canary.age_minutes - baseline.age_minutes) > rule.age_minutes:
        return (
            f"{canary.name} is {canary.age_minutes:.0f} minutes old and {baseline.name} "
            f"{baseline.age_minutes:.0f}: a baseline is of the same age, caches and all"
        )
    for side in (canary, baseline):
        if (served := sum(side.requests)) < rule.requests:
            return f"{side.name} served {served} requests, and {rule.requests} are the fewest"
    return None
