"""Releases: their targets are registered, and the live rule points at them."""

from collections.abc import Iterator

from paved_road_contract.tags import ESTATE, SERVICE
from paved_road_delivery.contract import (
    LIVE_PRIORITY,
    ReleaseOutput,
    ServiceOutput,
    releases_pattern,
)
from paved_road_delivery.listing import stacks_matching
from paved_road_delivery.service import outputs_of
from paved_road_lab.proof.claim import Check, compare
from paved_road_lab.proof.deployed import Deployed


def targets(release: Deployed) -> Iterator[Check]:
    """A release's target group holds exactly its members: instances over the zones, or tasks."""
    health = release.client("elbv2").describe_target_health(
        TargetGroupArn=release.outputs[ReleaseOutput.TARGET_GROUP]
    )["TargetHealthDescriptions"]
    staying = {one["Target"]["Id"] for one in health if one["TargetHealth"]["State"] != "draining"}
    if ReleaseOutput.TASKS in release.outputs:
        yield _tasks(release, staying)
    else:
        yield from _instances(release, staying)


def _tasks(release: Deployed, staying: set[str]) -> Check:
    _, cluster, name = release.outputs[ReleaseOutput.TASKS].split("/")
    found = release.client("ecs").describe_services(cluster=cluster, services=[name])["services"]
    wanted = sum(one["desiredCount"] for one in found)
    return compare(release.stack.name, "number of targets", len(staying), wanted)


def _instances(release: Deployed, staying: set[str]) -> Iterator[Check]:
    group = release.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[release.outputs[ReleaseOutput.GROUP]]
    )["AutoScalingGroups"][0]
    members = {one["InstanceId"] for one in group["Instances"]}
    subject = release.stack.name
    yield compare(subject, "targets", staying, members)
    zones = len({one["AvailabilityZone"] for one in group["Instances"]})
    wanted = min(len(members), len(group["VPCZoneIdentifier"].split(",")))
    yield compare(subject, "number of zones", zones, wanted)


def live_rule(service: Deployed) -> Iterator[Check]:
    """Whatever gets weight is a standing release of this service that has registered targets.

    Of the app or not: releases leave it and stay deployed.
    """
    elb = service.client("elbv2")
    rules = elb.describe_rules(ListenerArn=service.outputs[ServiceOutput.LISTENER])["Rules"]
    (rule,) = (one for one in rules if one["Priority"] == str(LIVE_PRIORITY))
    tags = service.stack.tags
    pattern = releases_pattern(tags[ESTATE], service.stack.region, tags[SERVICE])
    known = {
        outputs_of(one).get(ReleaseOutput.TARGET_GROUP): one["StackName"]
        for one in stacks_matching(service.client("cloudformation"), pattern)
    }
    for one in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]:
        if one["Weight"] == 0:
            continue
        arn = one["TargetGroupArn"]
        registered = elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        fault = ""
        if arn not in known:
            fault = f"weight {one['Weight']} goes to {arn}, which is no release"
        elif not registered:
            fault = f"weight {one['Weight']} goes to {known[arn]}, which has no targets"
        yield Check(service.stack.name, fault)
