"""What of an estate the emulator emulates, what it only stores, and what it skips: by type.

Skipped is what its CloudFormation has no model for, as the running process says itself. Inert is
what it takes and gives back without the effect that AWS would have. Emulated in part is what works
but for what its note names. Only what is listed as emulated is: a type that no table knows counts
as inert, so that nothing here claims more than somebody looked into.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from paved_road_contract.assembly import Stack

EMULATED = frozenset({"AWS::SSM::Parameter"})

NOT_KEPT: Mapping[str, str] = {
    "LifecycleConfiguration": "nothing expires or cools down",
    "LoggingConfiguration": "no access is logged",
    "OwnershipControls": "access lists are not refused",
    "ReplicationConfiguration": "nothing is copied",
}
"""Properties of buckets that the emulator drops, and what therefore does not happen."""

BUCKET_KEYS = "BucketKeyEnabled"
"""Dropped too, within a bucket's encryption."""

PARTLY: Mapping[str, str] = {
    "AWS::DynamoDB::Table": "holds items; encryption and point-in-time recovery are flags",
    "AWS::EC2::Subnet": "gives out addresses; no packet passes",
    "AWS::EC2::VPC": "gives out addresses; no packet passes",
    "AWS::S3::Bucket": "keeps objects, versions and locks, plain under whatever encryption is "
    f"declared; dropped: {', '.join(f'{name} ({what})' for name, what in NOT_KEPT.items())}, "
    f"{BUCKET_KEYS}",
    "AWS::SecretsManager::Secret": "draws and keeps values, plain under whatever key; policies do "
    "not hold",
}

INERT: Mapping[str, str] = {
    "AWS::AutoScaling::AutoScalingGroup": "instances are records, but for those that hosts "
    "stand for; health checks replace nobody",
    "AWS::CloudWatch::Alarm": "stored, nobody looks at it",
    "AWS::CloudWatch::Dashboard": "stored, never drawn",
    "AWS::EC2::EIP": "an address without a network",
    "AWS::EC2::FlowLog": "stored, no flow is written",
    "AWS::EC2::InternetGateway": "stored, no packet passes",
    "AWS::EC2::LaunchTemplate": "stored; of user data hosts do what their logs do not name",
    "AWS::EC2::NatGateway": "stored, no packet passes",
    "AWS::EC2::Route": "stored, no packet passes",
    "AWS::EC2::RouteTable": "stored, no packet passes",
    "AWS::EC2::SecurityGroup": "stored, nothing is filtered",
    "AWS::EC2::SecurityGroupIngress": "stored, nothing is filtered",
    "AWS::EC2::SubnetRouteTableAssociation": "stored, no packet passes",
    "AWS::EC2::VPCEndpoint": "stored, policies do not hold",
    "AWS::EC2::VPCGatewayAttachment": "stored, no packet passes",
    "AWS::ApplicationAutoScaling::ScalableTarget": "sizes are kept and can be raised, nothing "
    "scales",
    "AWS::ECS::Cluster": "stored",
    "AWS::ECS::Service": "stored: no task runs, so its release gets no target and no traffic",
    "AWS::ECS::TaskDefinition": "stored in part, nothing is started from it",
    "AWS::ElasticLoadBalancingV2::Listener": "stored, nothing listens",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "stored and moved, no request follows it",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "stored, nothing listens",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "targets are registered, always healthy",
    "AWS::Events::Rule": "stored, no event follows it",
    "AWS::IAM::InstanceProfile": "stored, policies do not hold",
    "AWS::IAM::ManagedPolicy": "stored, policies do not hold",
    "AWS::IAM::Policy": "stored, policies do not hold",
    "AWS::IAM::Role": "stored, policies do not hold",
    "AWS::KMS::Alias": "names a key that encrypts none of what is stored",
    "AWS::KMS::Key": "stored; S3, DynamoDB and logs keep plain bytes",
    "AWS::Lambda::Function": "stored, never run",
    "AWS::Lambda::Permission": "stored, policies do not hold",
    "AWS::Logs::LogGroup": "stored, nothing expires",
}

FORWARDED: Mapping[str, str] = {
    "AWS::CloudWatch::Alarm": "looked at, but for those that the report names; nobody is told",
    "AWS::Events::Rule": "changes of alarms reach functions; no other event, no other target",
    "AWS::Lambda::Function": "run by changes of alarms, in this machine's Python, with its role's "
    "credentials and Lambda's two more tries; memory, processor and logs are not Lambda's",
    "AWS::ElasticLoadBalancingV2::Listener": "HTTP is answered; HTTPS and TLS are not",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "conditions, weights, fixed answers and redirects "
    "are followed; stickiness and authentication are not",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "forwards HTTP/1.1 from one address and measures, "
    "each second instead of each minute; no zones, access logs, WebSockets, HTTP/2, deletion "
    "protection or dropped headers",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "targets are checked, drained and take turns; no "
    "slow start, no other algorithm",
}
"""What there is more of where somebody forwards (`paved_road_lab.balancers`)."""

GROUP = "AWS::AutoScaling::AutoScalingGroup"


class Degree(StrEnum):
    """How much of a type there is."""

    EMULATED = "emulated"
    PARTLY = "emulated in part"
    INERT = "accepted but inert"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Coverage:
    """One resource type of the estate."""

    resource: str
    count: int
    degree: Degree
    note: str


def coverage(
    stacks: Sequence[Stack],
    modelled: Collection[str],
    living: Collection[str] = (),
    forwarding: Collection[str] = (),
) -> list[Coverage]:
    """Every type in the stacks' templates, skipped ones first.

    `living` are the regions where something runs on the instances, `forwarding` those where load
    balancers forward.
    """
    counts = Counter(resource["Type"] for stack in stacks for resource in stack.resources.values())
    order = list(Degree)[::-1]
    return sorted(
        (_of(resource, count, modelled, living, forwarding) for resource, count in counts.items()),
        key=lambda one: (order.index(one.degree), one.resource),
    )


def _of(
    resource: str,
    count: int,
    modelled: Collection[str],
    living: Collection[str],
    forwarding: Collection[str],
) -> Coverage:
    if resource not in modelled:
        return Coverage(resource, count, Degree.SKIPPED, "the emulator does not know it")
    if resource in FORWARDED and forwarding:
        where = ", ".join(sorted(forwarding))
        note = f"in {where}: {FORWARDED[resource]}; elsewhere: {INERT[resource]}"
        return Coverage(resource, count, Degree.PARTLY, note)
    if resource in INERT:
        note = INERT[resource]
        if resource == GROUP:
            note += f"; lifecycle hooks {_hooks(living)}"
        return Coverage(resource, count, Degree.INERT, note)
    if resource in PARTLY:
        return Coverage(resource, count, Degree.PARTLY, PARTLY[resource])
    if resource in EMULATED:
        return Coverage(resource, count, Degree.EMULATED, "")
    return Coverage(resource, count, Degree.INERT, "stored; what of it has an effect is not known")


def _hooks(living: Collection[str]) -> str:
    if not living:
        return "go on at once, since nobody runs on the instances"
    return f"wait in {', '.join(sorted(living))} and go on at once elsewhere"
