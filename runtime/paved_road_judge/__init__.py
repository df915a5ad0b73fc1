"""Compares a release with a baseline of the same age and size: better, worse, or not known.

Stands apart, since it needs scipy and nothing that synthesizes or deploys does.
"""

from paved_road_judge.judgment import Judgment, Rule, judge
from paved_road_judge.metrics import METRICS, Metric, Side, Worse
from paved_road_judge.signed_rank import Result, compare

__all__ = ["METRICS", "Judgment", "Metric", "Result", "Rule", "Side", "Worse", "compare", "judge"]
