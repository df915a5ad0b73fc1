"""Releases: their targets are registered, and the live rule points at them."""

from collections.abc import Iterator

from paved_road_delivery.contract import LIVE_PRIORITY, ReleaseOutput, ServiceOutput
from paved_road_lab.proof.claim import Check, compare
from paved_road_lab.proof.deployed import Deployed


def targets(release: Deployed) -> Iterator[Check]:
    """A release's target group holds exactly its group's instances, spread over the zones.

    Of a release on Fargate nothing is claimed: no task runs here.
    """
    if ReleaseOutput.GROUP not in release.outputs:
        return
    group = release.client("autoscaling").describe_auto_scaling_groups(
        AutoScalingGroupNames=[release.outputs[ReleaseOutput.GROUP]]
    )["AutoScalingGroups"][0]
    members = {one["InstanceId"] for one in group["Instances"]}
    health = release.client("elbv2").describe_target_health(
        TargetGroupArn=release.outputs[ReleaseOutput.TARGET_GROUP]
    )["TargetHealthDescriptions"]
    subject = release.stack.name
    staying = {one["Target"]["Id"] for one in health if one["TargetHealth"]["State"] != "draining"}
    yield compare(subject, "targets", staying, members)
    zones = len({one["AvailabilityZone"] for one in group["Instances"]})
    wanted = min(len(members), len(group["VPCZoneIdentifier"].split(",")))
    yield compare(subject, "number of zones", zones, wanted)


def live_rule(service: Deployed, releases: list[Deployed]) -> Iterator[Check]:
    """Whatever gets weight is a release of this service that has registered targets."""
    elb = service.client("elbv2")
    rules = elb.describe_rules(ListenerArn=service.outputs[ServiceOutput.LISTENER])["Rules"]
    (rule,) = (one for one in rules if one["Priority"] == str(LIVE_PRIORITY))
    known = {one.outputs[ReleaseOutput.TARGET_GROUP]: one.stack.name for one in releases}
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
