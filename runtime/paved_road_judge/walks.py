"""Judges the candidate of a walk against its baseline, from what AWS measured."""

from datetime import datetime, timedelta

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery import contract
from paved_road_delivery.contract import ReleaseOutput, ServiceOutput
from paved_road_delivery.ladder import Seen, Verdict
from paved_road_delivery.ladder.seen import Judged
from paved_road_delivery.service import LiveService, describe_stack, outputs_of
from paved_road_judge.judgment import RULE, Rule, judge
from paved_road_judge.samples import MINUTE, Subject, sides


def verdict(
    service: LiveService, seen: Seen, *, minute: timedelta = MINUTE, rule: Rule = RULE
) -> Verdict | None:
    """The judge's word on the rung where the walk stands; None while nothing is to be judged.

    `minute` is how often the service's load balancer reports, `rule` when something is known.

    A candidate that lost its traffic is judged by what was measured before, so that whoever goes on
    with its rollback says the same as who began it. Without a baseline of its own a candidate is
    compared with the release that it follows, and the judge says that the two are not of an age,
    unless they are. Beside a baseline that the walk made, a candidate is as old as the walk: before
    it nobody but testers came, and both begin to serve at once.
    """
    walk = seen.under_way
    if walk is None or not (seen.live.share(walk.candidate) or walk.reached):
        return None
    compared = seen.live.share(walk.baseline or "") or not seen.live.share(walk.candidate)
    other = walk.baseline if walk.baseline and compared else walk.previous
    found = [_subject(service, seen, name, other) for name in (walk.candidate, other)]
    missing = [name for name, one in zip((walk.candidate, other), found, strict=True) if not one]
    if missing:
        why = f"{', '.join(missing)} does not stand"
        return Verdict(
            candidate=walk.candidate, judged=Judged.INCONCLUSIVE, since=walk.since, why=why
        )
    canary, baseline = sides(
        service.client("cloudwatch"),
        service.outputs()[ServiceOutput.LOAD_BALANCER],
        [one for one in found if one],
        walk.since,
        seen.now,
        minute,
    )
    said = judge(canary, baseline, rule=rule)
    return Verdict(candidate=walk.candidate, judged=said.judged, since=walk.since, why=said.why)


def _subject(service: LiveService, seen: Seen, name: str, beside: str) -> Subject | None:
    stack = describe_stack(
        service.client("cloudformation"),
        stack_name(service.estate, service.region, Kind.RELEASE, name),
    )
    release = seen.release(name)
    if stack is None or release is None:
        return None
    return Subject(
        name=name,
        target_group_arn=outputs_of(stack)[ReleaseOutput.TARGET_GROUP],
        instances=release.registered,
        created=born(seen, name, stack["CreationTime"], beside),
    )


def born(seen: Seen, name: str, created: datetime, beside: str) -> datetime:
    """From when on a release's age counts, compared with that one: see `verdict`."""
    walk = seen.under_way
    if walk is None or walk.begun is None or name != walk.candidate:
        return created
    return max(created, walk.begun) if contract.is_baseline(beside) else created
