"""Closes the default security group of every network: what CloudFormation cannot do.

A VPC comes with a group that admits its own members and lets everything out. Nothing of an estate
uses it (the guard sees to that), so its rules are revoked.
https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-2
"""

from dataclasses import dataclass
from typing import Any, Protocol

from paved_road_contract.stacks import Kind, stack_name


class Clients(Protocol):
    """Where clients come from: an account or a lab."""

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """A boto3 client."""


@dataclass(frozen=True)
class Closing:
    """One network's default group, and how many rules it had."""

    region: str
    group: str
    rules: int


def close_default_groups(
    cloud: Clients, estate: str, regions: list[str], *, dry_run: bool = False
) -> list[Closing]:
    """Revoke all rules of the default group of each region's network. Twice changes nothing."""
    return [_close(cloud, estate, region, dry_run=dry_run) for region in regions]


def _close(cloud: Clients, estate: str, region: str, *, dry_run: bool) -> Closing:
    name = stack_name(estate, region, Kind.NETWORK)
    stack = cloud.client("cloudformation", region).describe_stacks(StackName=name)["Stacks"][0]
    (vpc,) = (one["OutputValue"] for one in stack["Outputs"] if one["OutputKey"] == "VpcId")
    ec2 = cloud.client("ec2", region)
    group = ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    )["SecurityGroups"][0]
    inward, outward = group["IpPermissions"], group["IpPermissionsEgress"]
    if not dry_run:
        if inward:
            ec2.revoke_security_group_ingress(GroupId=group["GroupId"], IpPermissions=inward)
        if outward:
            ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=outward)
    return Closing(region, group["GroupId"], len(inward) + len(outward))
