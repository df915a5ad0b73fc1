"""What a role of a ring may do, statement by statement, with a reason for every wildcard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.guard import acknowledge
from paved_road.ring.arns import Arns
from paved_road_contract import tags
from paved_road_ring_agent.metric_names import METRICS

NO_RESOURCE = "These actions know no resources, so IAM takes only `*` for them."


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Actions allowed on resources; `wildcard` says why a resource is named by a pattern."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    conditions: Mapping[str, Any] = field(default_factory=dict)
    wildcard: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As IAM reads it."""
        document: dict[str, Any] = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        return document | ({"Condition": dict(self.conditions)} if self.conditions else {})


def attach(
    scope: Construct,
    id: str,
    role: iam.Role,
    statements: Sequence[Statement],
    *,
    arns: Arns,
    description: str,
) -> None:
    """A managed policy of that role alone."""
    policy = iam.CfnManagedPolicy(
        scope,
        id,
        description=description,
        policy_document={
            "Version": "2012-10-17",
            "Statement": [statement.as_json() for statement in statements],
        },
        roles=[role.role_name],
    )
    for statement in statements:
        if statement.wildcard:
            acknowledge(
                policy,
                *(arns.wildcard_finding(arn) for arn in statement.resources),
                reason=statement.wildcard,
            )


def own_groups(estate: str, ring: str) -> Mapping[str, Any]:
    """A condition: groups of this ring only, by their tags."""
    return {
        "StringEquals": {
            f"autoscaling:ResourceTag/{tags.ESTATE}": estate,
            f"autoscaling:ResourceTag/{tags.RING}": ring,
        }
    }


def only_subjects(*subjects: str) -> Mapping[str, Any]:
    """A condition: items of the slot table under these subjects only, such as the ring's own.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    return {
        "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": list(subjects)},
        # Of no key at all the other condition would say yes.
        "Null": {"dynamodb:LeadingKeys": "false"},
    }


def outputs_of(arns: Arns, stacks: Sequence[str]) -> Statement:
    """To read what these stacks publish."""
    return Statement(
        sid="Outputs",
        actions=["cloudformation:DescribeStacks"],
        resources=[arns.regional("cloudformation", f"stack/{name}/*") for name in stacks],
        wildcard="CloudFormation ends each stack's ARN with an id that is new with each stack.",
    )


def look_at_instances() -> Statement:
    """To see which there are, and what their groups say of them."""
    return Statement(
        sid="Observe",
        actions=["autoscaling:DescribeAutoScalingGroups", "ec2:DescribeInstances"],
        resources=["*"],
        wildcard=NO_RESOURCE,
    )


def put_metrics() -> Statement:
    """To publish in the namespace that rings have, and in no other."""
    return Statement(
        sid="Metrics",
        actions=["cloudwatch:PutMetricData"],
        resources=["*"],
        conditions={"StringEquals": {"cloudwatch:namespace": METRICS}},
        wildcard=NO_RESOURCE,
    )


def change_groups(
    arns: Arns, estate: str, ring: str, *, sid: str, actions: Sequence[str]
) -> Statement:
    """To do something to groups of this ring only."""
    return Statement(
        sid=sid,
        actions=actions,
        resources=[arns.regional("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*")],
        conditions=own_groups(estate, ring),
        wildcard=GROUP_BY_TAG,
    )


GROUP_BY_TAG = (
    "A group's ARN holds an id that is unknown before it exists; the condition "
    "on the group's tags admits this ring's groups only."
)
