"""One metric: is the canary worse than is tolerated, is it not, or can nobody tell?

Both run through the same minutes, so they are compared pair by pair, and what the day does to both
cancels out. Wilcoxon's signed-rank test needs no shape of the values, only that a pair's difference
is as likely to be above its middle as below it.
https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.wilcoxon.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from paved_road_delivery.ladder.seen import Judged
from paved_road_judge.metrics import Metric, Worse

LONGEST_EXACT = 50
"""Pairs; beyond, the normal approximation is as good and quicker. scipy's own choice."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What is known about one metric.

    `minutes` were compared. `beyond` is the middle difference past the tolerance, in the metric's
    unit, negative if within. `p_worse` and `p_within` are how likely such samples are if the
    canary is not beyond the tolerance, and if it is.
    """

    metric: Metric
    judged: Judged
    minutes: int
    canary: float | None = None
    baseline: float | None = None
    beyond: float | None = None
    p_worse: float = 1.0
    p_within: float = 1.0

    def __str__(self) -> str:
        if self.canary is None or self.baseline is None:
            return f"{self.metric.name}: {self.judged}, {self.minutes} minutes are too few"
        return (
            f"{self.metric.name}: {self.judged}, {self.canary:.4g} beside {self.baseline:.4g} over "
            f"{self.minutes} minutes (p worse {self.p_worse:.2g}, p within {self.p_within:.2g})"
        )


def compare(
    metric: Metric,
    canary: Sequence[float | None],
    baseline: Sequence[float | None],
    *,
    minutes: int,
    alpha_worse: float,
    alpha_within: float,
) -> Result:
    """Both directions are tested: a pass is shown, not assumed because nothing could be seen."""
    pairs = [
        (c, b) for c, b in zip(canary, baseline, strict=True) if c is not None and b is not None
    ]
    if len(pairs) < minutes:
        return Result(metric=metric, judged=Judged.INCONCLUSIVE, minutes=len(pairs))
    beyond = [_beyond(metric, c, b) for c, b in pairs]
    p_worse, p_within = _p(beyond, "greater"), _p(beyond, "less")
    if p_worse < alpha_worse:
        judged = Judged.FAIL
    elif p_within < alpha_within:
        judged = Judged.PASS
    else:
        judged = Judged.INCONCLUSIVE
    return Result(
        metric=metric,
        judged=judged,
        minutes=len(pairs),
        canary=median(c for c, _ in pairs),
        baseline=median(b for _, b in pairs),
        beyond=median(beyond),
        p_worse=p_worse,
        p_within=p_within,
    )


def _beyond(metric: Metric, canary: float, baseline: float) -> float:
    """How far the canary is past the tolerance around its baseline; negative if within."""
    tolerated = abs(baseline) * metric.percent / 100 + metric.floor
    sign = 1 if metric.worse is Worse.HIGHER else -1
    return sign * (canary - baseline) - tolerated


def _p(differences: Sequence[float], alternative: str) -> float:
    from scipy.stats import wilcoxon

    sizes = [abs(one) for one in differences]
    if not any(sizes):
        return 1.0
    # Exact, where the library's tables hold: minutes without any error on either side are ties.
    exact = len(sizes) <= LONGEST_EXACT and all(sizes) and len(set(sizes)) == len(sizes)
    method = "exact" if exact else "asymptotic"
    found = wilcoxon(differences, alternative=alternative, zero_method="zsplit", method=method)
    return float(found.pvalue)
