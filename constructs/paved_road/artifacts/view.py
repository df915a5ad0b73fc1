"""An artifact bucket as rings see it."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from paved_road.buckets import BucketView, bucket_arn, bucket_name
from paved_road.estate import Region, read
from paved_road_bundle.bundle import FOLDER
from paved_road_contract.stacks import Kind

ARTIFACTS = "artifacts"


class ArtifactView(BucketView):
    """Name and ARNs of a region's artifact bucket and its key."""

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
        self.grant_objects(
            role,
            FOLDER,
            actions=["s3:GetObject"],
            key_actions=["kms:Decrypt"],
            reason="Bundles come after the role, each under a name of its own, and the launch "
            "template pins which one runs.",
        )
