"""Names of things in the ring's region and account, and how cdk-nag spells them."""

from aws_cdk import Aws

from paved_road.estate import Region


class Arns:
    """Builds ARNs; partition and, unless the estate names it, account are known at deploy only."""

    def __init__(self, region: Region) -> None:
        self.region = region.name
        self.partition: str = Aws.PARTITION
        self.account: str = region.account or Aws.ACCOUNT_ID
        self._unknown = {self.partition: "<AWS::Partition>"}
        if region.account is None:
            self._unknown[self.account] = "<AWS::AccountId>"

    def regional(self, service: str, resource: str) -> str:
        """ARN of a resource of this account in this region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def wildcard_finding(self, resource: str) -> str:
        """The id under which cdk-nag reports that a policy names `resource` by a pattern."""
        for value, spelling in self._unknown.items():
            resource = resource.replace(value, spelling)
        return f"AwsSolutions-IAM5[Resource::{resource}]"
