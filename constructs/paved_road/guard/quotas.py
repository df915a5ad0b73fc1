"""What one account and region would hold, against the quotas a new account starts with."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from paved_road.guard.finding import Finding, Subject
from paved_road.guard.limits import SHARE

QUOTAS: Mapping[str, int] = {
    "AWS::CloudFormation::Stack": 2000,
    "AWS::AutoScaling::AutoScalingGroup": 500,
    "AWS::CloudWatch::Alarm": 5000,
    "AWS::DynamoDB::Table": 2500,
    "AWS::EC2::EIP": 5,
    "AWS::EC2::InternetGateway": 5,
    "AWS::EC2::LaunchTemplate": 5000,
    "AWS::EC2::SecurityGroup": 2500,
    "AWS::EC2::VPC": 5,
    "AWS::ECS::Cluster": 10_000,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": 50,
    "AWS::ElasticLoadBalancingV2::TargetGroup": 3000,
    "AWS::IAM::Role": 1000,
    "AWS::KMS::Key": 100_000,
    "AWS::S3::Bucket": 10_000,
    "AWS::SSM::Parameter": 10_000,
}
"""Per account and region; roles and buckets per account. Each service's page of
https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html states them. Most can
be raised: pass the raised ones to the guard."""

PER_ACCOUNT = frozenset({"AWS::IAM::Role", "AWS::S3::Bucket"})


@dataclass(frozen=True)
class Usage:
    """How much of a quota an estate takes. `region` is `all` for quotas of the account."""

    region: str
    resource: str
    count: int
    quota: int


def usage(subjects: Iterable[Subject], quotas: Mapping[str, int]) -> list[Usage]:
    """Sums per region, and over all regions for quotas of the account."""
    counts: Counter[tuple[str, str]] = Counter()
    for subject in subjects:
        counts[subject.stack.region, "AWS::CloudFormation::Stack"] += 1
        for resource in subject.resources.values():
            kind = resource["Type"]
            counts["all" if kind in PER_ACCOUNT else subject.stack.region, kind] += 1
    return [
        Usage(region, resource, count, quotas[resource])
        for (region, resource), count in sorted(counts.items())
        if resource in quotas
    ]


def over_quota(used: Iterable[Usage]) -> Iterator[Finding]:
    """Sums that leave no room for failures and releases side by side.

    Quotas below 20 are counted to the full: a share of 5 elastic addresses is no useful margin.
    """
    for one in used:
        share = SHARE if one.quota >= 20 else 1
        if one.count > share * one.quota:
            yield Finding(
                f"estate in {one.region}",
                one.resource,
                f"must stay within {share:.0%} of the account's {one.quota}, got {one.count}; "
                "have the quota raised and pass it to the guard",
            )
