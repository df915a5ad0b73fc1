"""A bucket as other stacks see it: grants on some of its objects, never on all."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_iam as iam

from paved_road.guard import acknowledge


@dataclass(frozen=True)
class BucketView:
    """Name and ARNs of a region's bucket and its key."""

    bucket_name: str
    bucket_arn: str
    key_arn: str

    def grant_objects(
        self,
        role: iam.IRole,
        prefix: str,
        *,
        actions: Sequence[str],
        key_actions: Sequence[str],
        reason: str,
    ) -> None:
        """Let `role` do `actions` with objects under `prefix`, and `key_actions` with the key.

        `reason`: why not every object is named.
        """
        objects = f"{self.bucket_arn}/{prefix}*"
        grants = {objects: actions, self.key_arn: key_actions}
        for resource, allowed in grants.items():
            iam.Grant.add_to_principal(
                grantee=role, actions=list(allowed), resource_arns=[resource]
            )
        acknowledge(
            role,
            "NIST.800.53.R5-IAMNoInlinePolicy",
            f"AwsSolutions-IAM5[Resource::{objects}]".replace(Aws.ACCOUNT_ID, "<AWS::AccountId>"),
            reason=f"{reason} The policy serves the one role that was granted it.",
        )
