"""Reads a service as the ladder sees it, from AWS alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from paved_road_contract.stacks import Kind, stack_name
from paved_road_delivery import contract
from paved_road_delivery.cloud import DeliveryError
from paved_road_delivery.cohort import CohortParameters, CohortRule
from paved_road_delivery.contract import ReleaseOutput
from paved_road_delivery.decide import STANDING
from paved_road_delivery.groups import group_of
from paved_road_delivery.holding import Holding
from paved_road_delivery.ladder import Ended, Release, Seen, Traffic, Verdict, Walk
from paved_road_delivery.ladder.seen import Stack
from paved_road_delivery.listing import release_stacks
from paved_road_delivery.service import Lane, LiveService, describe_stack, outputs_of


def observe(service: LiveService, verdict: Verdict | None = None) -> Seen:
    """Everything at this moment. `DeliveryError` where traffic goes to what is no release.

    Others may move traffic meanwhile. So what is written last on the way up is read first: who
    reads the walk after the rule may find less traffic than was noted, which is how a rollback
    looks that was begun. Releases come last, since whoever has traffic stands.
    """
    walk, holder = read_walk(service), Holding(service).last()[1]
    lanes, rule = service.lanes(), CohortRule(service)
    recorded, cohort = {lane.target_group: lane.weight for lane in lanes}, rule.parameters()
    settled = _settled(service, lanes, cohort)
    live, cohort_live = service.live_weights(), rule.live()
    stacks, idle = list(release_stacks(service)), frozenset(service.idle())
    names = {
        outputs_of(stack)[ReleaseOutput.TARGET_GROUP]: _name(service, stack)
        for stack in stacks
        if ReleaseOutput.TARGET_GROUP in outputs_of(stack)
    }
    return Seen(
        service=service.name,
        region=service.region,
        now=datetime.now(UTC),
        releases=tuple(_release(service, stack) for stack in stacks),
        live=_traffic(live, cohort_live, names, idle),
        recorded=_traffic(recorded, cohort.recorded, names, idle),
        settled=settled,
        walk=walk,
        holder=holder,
        verdict=verdict,
        alarms=_alarms(service, service.stack(Kind.SERVICE)),
    )


def read_walk(service: LiveService) -> Walk | None:
    """The walk as it was last noted; None if there never was one."""
    value = read(service, contract.walk_parameter(service.estate, service.name))
    return None if value is None else _walk(value)


@dataclass(frozen=True)
class NoteMade:
    """What was noted of a walk, when, and by which principal of AWS."""

    when: datetime
    principal: str
    walk: Walk


def notes(service: LiveService) -> list[NoteMade]:
    """The audit trail, oldest first: a parameter's history, a hundred versions long.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html
    """
    from botocore.exceptions import ClientError

    pages = service.client("ssm").get_paginator("get_parameter_history")
    name = contract.walk_parameter(service.estate, service.name)
    try:
        found = [one for page in pages.paginate(Name=name) for one in page["Parameters"]]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return []
        raise
    return [
        NoteMade(one["LastModifiedDate"], one.get("LastModifiedUser", ""), _walk(one["Value"]))
        for one in found
    ]


def _walk(value: str) -> Walk:
    told = json.loads(value)
    told["since"] = datetime.fromisoformat(told["since"])
    begun = told.get("begun")
    told["begun"] = datetime.fromisoformat(begun) if begun else None
    told["ended"] = told["ended"] and Ended(told["ended"])
    return Walk(**told)


def read(service: LiveService, name: str) -> str | None:
    """An SSM parameter's value; None if there is none."""
    from botocore.exceptions import ClientError

    try:
        return str(service.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return None
        raise


def percents(weights: Mapping[str, int]) -> dict[str, int]:
    """Weights as whole percents that add up to 100, the largest remainders rounded up."""
    whole = sum(weights.values())
    if not whole:
        return {}
    shares = {name: 100 * weight // whole for name, weight in weights.items()}
    rest = sorted(weights, key=lambda name: (-(100 * weights[name] % whole), name))
    for name in rest[: 100 - sum(shares.values())]:
        shares[name] += 1
    return {name: share for name, share in shares.items() if share}


def stack_at(status: str) -> Stack:
    """What a release's stack is at. It is never updated, so every other state is a broken one."""
    if status in STANDING:
        return Stack.WHOLE
    if status == "DELETE_FAILED":
        return Stack.STUCK
    if status.endswith("_IN_PROGRESS"):
        return Stack.GOING if status.startswith("DELETE") else Stack.COMING
    return Stack.BROKEN


def _traffic(
    weights: Mapping[str, int],
    cohort: str | None,
    names: Mapping[str, str],
    idle: frozenset[str],
) -> Traffic:
    loaded = {one: weight for one, weight in weights.items() if weight and one not in idle}
    served = loaded.keys() | ({cohort} if cohort else set())
    if foreign := sorted(served - names.keys()):
        raise DeliveryError(f"traffic goes to {', '.join(foreign)}, which is no standing release")
    return Traffic(
        shares=percents({names[one]: weight for one, weight in loaded.items()}),
        cohort=names[cohort] if cohort else None,
    )


def _release(service: LiveService, stack: Mapping[str, Any]) -> Release:
    outputs, name = outputs_of(dict(stack)), _name(service, stack)
    target_group, group = outputs.get(ReleaseOutput.TARGET_GROUP), group_of(service, outputs)
    size = group.size() if group else None
    held = read(service, contract.held_parameter(service.estate, service.name, name))
    return Release(
        name=name,
        healthy=service.healthy(target_group) if target_group else 0,
        registered=service.registered(target_group) if target_group else 0,
        minimum=size.minimum if size else 0,
        maximum=size.maximum if size else 0,
        alarms=_alarms(service, stack["StackName"]),
        stack=stack_at(stack["StackStatus"]),
        held_until=datetime.fromisoformat(held) if held else None,
    )


def _alarms(service: LiveService, stack: str) -> tuple[str, ...]:
    """Alarms of a stack that are on, by the names that CloudFormation gives them."""
    pages = service.client("cloudwatch").get_paginator("describe_alarms")
    found = pages.paginate(AlarmNamePrefix=f"{stack}-", StateValue="ALARM")
    names = (str(one["AlarmName"]) for page in found for one in page["MetricAlarms"])
    return tuple(sorted(name for name in names if contract.is_alarm_of(stack, name)))


def _settled(service: LiveService, lanes: Sequence[Lane], cohort: CohortParameters) -> bool:
    stack = describe_stack(service.client("cloudformation"), service.stack(Kind.ROUTING)) or {}
    # Where a parameter stands for one of SSM's, the value it was resolved to comes beside its name.
    resolved = {
        one["ParameterKey"]: one.get("ResolvedValue", one["ParameterValue"])
        for one in stack.get("Parameters", ())
    }
    wanted = cohort.resolved
    for number, lane in zip(contract.LANES, lanes, strict=True):
        wanted[contract.routing_key(number, "TargetGroup")] = lane.target_group
        wanted[contract.routing_key(number, "Weight")] = str(lane.weight)
    return wanted.items() <= resolved.items()


def _name(service: LiveService, stack: Mapping[str, Any]) -> str:
    """From the stack's name: one that is being created has no outputs yet."""
    kind = stack_name(service.estate, service.region, Kind.RELEASE)
    return str(stack["StackName"]).removeprefix(f"{kind}-")
