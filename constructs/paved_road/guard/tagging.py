"""Every resource says whose it is: estate, owner, cost center, component, ring or service."""

from collections.abc import Iterator, Mapping, Sequence

from paved_road.guard.finding import Finding, Subject
from paved_road_contract import tags
from paved_road_contract.stacks import Kind

BY_KIND = {
    Kind.RING.value: (tags.RING,),
    Kind.SERVICE.value: (tags.SERVICE,),
    Kind.ROUTING.value: (tags.SERVICE,),
    Kind.RELEASE.value: (tags.SERVICE, tags.RELEASE),
    Kind.ROLLBACK.value: (tags.SERVICE,),
}

TAGGED = frozenset(
    {
        "AWS::AutoScaling::AutoScalingGroup",
        "AWS::CloudWatch::Alarm",
        "AWS::DynamoDB::Table",
        "AWS::EC2::EIP",
        "AWS::EC2::InternetGateway",
        "AWS::EC2::NatGateway",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::Subnet",
        "AWS::EC2::VPC",
        "AWS::EC2::VPCEndpoint",
        "AWS::ECS::Cluster",
        "AWS::ECS::Service",
        "AWS::ECS::TaskDefinition",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::IAM::Role",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SSM::Parameter",
    }
)
"""Types that must carry tags. Others are checked where they have a `Tags` property."""


def tagging(subject: Subject) -> Iterator[Finding]:
    """Resources that lack one of the tags their stack's kind demands."""
    kind = subject.stack.tags.get(tags.COMPONENT, "")
    wanted = {*tags.MANDATORY, *BY_KIND.get(kind, ())}
    for name, resource in subject.resources.items():
        properties = resource.get("Properties", {})
        if "Tags" not in properties and resource["Type"] not in TAGGED:
            continue
        if missing := sorted(wanted - _keys(properties.get("Tags", ()))):
            yield subject.finding(name, f"must carry the tags {', '.join(missing)}")


def _keys(found: Mapping[str, str] | Sequence[Mapping[str, str]]) -> set[str]:
    return set(found) if isinstance(found, Mapping) else {tag["Key"] for tag in found}
