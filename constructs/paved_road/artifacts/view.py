"""An artifact bucket as rings see it."""

from dataclasses import dataclass

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.buckets import bucket_arn, bucket_name
from paved_road.estate import Region, read
from paved_road.guard import acknowledge
from paved_road_bundle.bundle import FOLDER
from paved_road_contract.stacks import Kind

ARTIFACTS = "artifacts"


@dataclass(frozen=True)
class ArtifactView:
    """Name and ARNs of a region's artifact bucket and its key."""

    bucket_name: str
    bucket_arn: str
    key_arn: str

    @staticmethod
    def from_estate(scope: Construct, region: Region) -> "ArtifactView":
        """The region's artifact bucket by its computed name; its key from its stack's outputs."""
        return ArtifactView(
            bucket_name(region, ARTIFACTS),
            bucket_arn(region, ARTIFACTS),
            read(scope, region, Kind.ARTIFACTS, None, "KeyArn"),
        )

    def grant_read_bundles(self, role: iam.IRole) -> None:
        """Let `role` read bundles by their names; it can list and write nothing."""
        objects = f"{self.bucket_arn}/{FOLDER}*"
        iam.Grant.add_to_principal(grantee=role, actions=["s3:GetObject"], resource_arns=[objects])
        iam.Grant.add_to_principal(
            grantee=role, actions=["kms:Decrypt"], resource_arns=[self.key_arn]
        )
        acknowledge(
            role,
            "NIST.800.53.R5-IAMNoInlinePolicy",
            f"AwsSolutions-IAM5[Resource::{objects}]".replace(Aws.ACCOUNT_ID, "<AWS::AccountId>"),
            reason="Bundles come after the role, each under a name of its own, and the launch "
            "template pins which one runs. The policy serves the one role that was granted it.",
        )
