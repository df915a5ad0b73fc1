"""What service, routing and release stacks and the delivery tool agree on.

Routing reads everything from SSM parameters, so that it depends on no other stack and a template
that was deployed once can move traffic forever. Their names are as public as stack names.
"""

import re

from paved_road_contract.stacks import Kind, stack_name

LANES = (1, 2, 3)
"""Places in the live rule, each a target group and a weight: the release in service, its
successor, and the baseline that the successor is judged against. A rule takes five at most:
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""

MOST_WEIGHT = 999
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html"""

LIVE_PRIORITY = 100
"""Of the rule on the live listener that takes every request."""

COHORT_FRONT, COHORT_BEHIND = 50, 150
"""Of the cohort's rule while there is a cohort, and while there is none: behind the rule that takes
every request nobody gets to it, so the cohort is treated like everybody."""

COHORT = "early"
"""The name of the named cohort, in whatever says that a request is of it."""

COHORT_HEADER, COHORT_COOKIE = "x-cohort", "cohort"
"""What may say so. The edge sets it, and takes away what callers say themselves."""

CELL_HEADER = "x-cell"
"""Names a cell or a release, on the test listener only."""

MOST_RELEASES = 999
"""A release's number is three digits of its name, and says its rule's priority on the test
listener."""


def cell_priority(number: int) -> int:
    """Of a release's rule on the test listener: whoever asks for a cell gets the newest in it."""
    return MOST_RELEASES + 1 - number


BASELINE = "-baseline"
"""Ends the name of a release that a walk makes to be judged against, after that of its original."""


def baseline_name(release: str) -> str:
    """Of the copy of a release: `place-order-v042-baseline`. It takes no number."""
    return f"{release}{BASELINE}"


def is_baseline(release: str) -> bool:
    """Whether a walk made it; one that a person deployed as a baseline has a number of its own."""
    return release.endswith(BASELINE)


def baseline_priority(number: int) -> int:
    """Of a baseline's rule on the test listener, by its original's number: behind all releases'."""
    return MOST_RELEASES + cell_priority(number)


def listener_parameter(estate: str, service: str) -> str:
    """SSM parameter with the ARN of the service's live listener."""
    return f"/{estate}/{service}/live-listener"


def target_group_parameter(estate: str, service: str, lane: int) -> str:
    """SSM parameter with the ARN of the target group in a lane."""
    return f"/{estate}/{service}/lane-{lane}/target-group"


def weight_parameter(estate: str, service: str, lane: int) -> str:
    """SSM parameter with the weight of a lane, 0 to `MOST_WEIGHT`."""
    return f"/{estate}/{service}/lane-{lane}/weight"


def cohort_target_group_parameter(estate: str, service: str) -> str:
    """SSM parameter with the ARN of the target group that the cohort's rule names."""
    return f"/{estate}/{service}/cohort/target-group"


def cohort_priority_parameter(estate: str, service: str) -> str:
    """SSM parameter with the priority of the cohort's rule: `COHORT_FRONT` or `COHORT_BEHIND`."""
    return f"/{estate}/{service}/cohort/priority"


def walk_parameter(estate: str, service: str) -> str:
    """SSM parameter with the walk of a candidate, as JSON; its history is the audit trail."""
    return f"/{estate}/{service}/walk"


def holders_path(estate: str, service: str) -> str:
    """SSM path of those who work on a service, by epoch."""
    return f"/{estate}/{service}/holders"


def held_parameter(estate: str, service: str, release: str) -> str:
    """SSM parameter with the time until which a release is held."""
    return f"/{estate}/{service}/held/{release}"


ROUTED_TYPE = "AWS::ElasticLoadBalancingV2::ListenerRule"
"""All that a routing stack holds. Updates name it, so that whoever may make them may make nothing
else of the stack."""


def releases_prefix(estate: str, region: str, service: str) -> str:
    """Begins the names of a service's release stacks; the number of three digits follows."""
    return stack_name(estate, region, Kind.RELEASE, f"{service}-v")


def releases_pattern(estate: str, region: str, service: str) -> str:
    """Regular expression of the names of a service's release stacks, baselines among them."""
    return rf"{re.escape(releases_prefix(estate, region, service))}\d{{3}}({BASELINE})?"


def is_alarm_of(stack: str, alarm: str) -> bool:
    """Whether CloudFormation named that alarm for that stack: `<stack>-<logical id>-<random>`.

    A prefix alone would be another stack's too: names of services have hyphens.
    """
    return re.fullmatch(rf"{re.escape(stack)}-[A-Za-z0-9]+-[A-Za-z0-9]+", alarm) is not None


NO_HEALTHY_TARGETS = "NoHealthyTargets"
"""Id of a release's alarm on silence too. So it is on from its creation until its instances were
healthy for as long as it looks back."""


def is_of_health(alarm: str) -> bool:
    """Whether it is a release's alarm on the health of its targets, by CloudFormation's name."""
    return (
        re.search(rf"-[A-Za-z0-9]*{NO_HEALTHY_TARGETS}[A-Za-z0-9]*-[A-Za-z0-9]+$", alarm)
        is not None
    )


def is_alarm_of_service(estate: str, region: str, service: str, alarm: str) -> bool:
    """Whether it is one of the service's own or of one of its releases'."""
    release = re.match(rf"{releases_pattern(estate, region, service)}(?=-)", alarm)
    own = stack_name(estate, region, Kind.SERVICE, service)
    return is_alarm_of(release.group() if release else own, alarm)


def routing_key(lane: int, what: str) -> str:
    """Parameter of the routing stack: `Lane1TargetGroup`, `Lane1Weight`."""
    return f"Lane{lane}{what}"


class RoutingKey:
    """Other parameters of the routing stack."""

    LISTENER = "Listener"
    COHORT_TARGET_GROUP = "CohortTargetGroup"
    COHORT_PRIORITY = "CohortPriority"


class ServiceOutput:
    """Outputs of a service's stack."""

    LISTENER = "ListenerArn"
    TEST_LISTENER = "TestListenerArn"
    LIVE_RULES = "LiveRulesArn"
    """Of all rules of the live listener, as policies name them: routing's alone stand there."""
    LOAD_BALANCER = "LoadBalancerFullName"
    LOAD_BALANCER_SECURITY_GROUP = "LoadBalancerSecurityGroupId"
    ADDRESS = "Address"
    PORT = "Port"
    MEMBER_SECURITY_GROUP = "MemberSecurityGroupId"
    MEMBER_PROFILE = "MemberInstanceProfileArn"
    CLUSTER = "ClusterName"
    TASK_ROLE = "TaskRoleArn"
    EXECUTION_ROLE = "TaskExecutionRoleArn"
    """These three only of services whose releases may run on Fargate."""
    MEMBER_PORT = "MemberPort"
    HEALTH_PATH = "HealthPath"
    LOG_GROUP = "LogGroupName"
    IDLE_TARGET_GROUP = "IdleTargetGroupArn"
    """Followed by the lane's number: what stands in a lane without a release."""


class ReleaseParameter:
    """Parameters of a release's stack, given once at its creation."""

    CELL = "Cell"
    PRIORITY = "Priority"
    FLOOR = "Floor"


class ReleaseOutput:
    """Outputs of a release's stack."""

    TARGET_GROUP = "TargetGroupArn"
    GROUP = "GroupName"
    """Of one that runs on instances: its auto-scaled group."""
    TASKS = "ScalableTarget"
    """Of one that runs on ECS: `service/<cluster>/<service>`, as Application Auto Scaling says."""
    RELEASE = "Release"
